/**
 * What neighbours are told of routes: a moment after it changes, so that what changes together goes together, withdrawals first, and no
 * faster than a link carries. Nobody is told of a way that leads through himself.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Route } from "./routing/route.ts";
import { announceLengths, HeardAnnounce, putTail } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import { furtherLink } from "./wire/hop-chain.ts";
import { frameLengths, mostLabels } from "./wire/link-frame.ts";

const gatherFor = millis(15);
/** Distance is for choice, and not for being reached. */
const betterFor = millis(250);
const usualLength: number = frameLengths.announce + announceLengths.without;

export class Advertising {
  readonly #neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly #emit: (output: MeshOutput) => void;
  /** Routes that are nearer or further than was told. */
  readonly #later = new Set<Route>();
  #laterAt: Millis | undefined;
  #dueAt: Millis | undefined;

  constructor(neighbours: ReadonlyMap<LinkId, Neighbour>, emit: (output: MeshOutput) => void) {
    this.#neighbours = neighbours;
    this.#emit = emit;
  }

  get deadline(): Millis | undefined {
    return this.#dueAt;
  }

  /** That it is there soon, that it is nearer or further than was told with what changes until then. */
  tell(now: Millis, route: Route): void {
    if (route.told === undefined) this.#tellAll(now, route);
    else {
      this.#later.add(route);
      this.#laterAt ??= millis(now + betterFor);
      this.#at(this.#laterAt);
    }
  }

  tellOne(now: Millis, neighbour: Neighbour, route: Route): void {
    queue(neighbour, route, "known");
    this.#soon(now);
  }

  /** To a neighbour that has just come. Who has answered goes first, and who was there before others: his patience is for a flood that came later. */
  introduce(now: Millis, neighbour: Neighbour, routes: Iterable<Route>): void {
    const isStranger = ({ standing }: Route): number => Number(standing === "unconfirmed");
    const inOrder = [...routes].toSorted((one, other) => isStranger(one) - isStranger(other));
    for (const route of inOrder) queue(neighbour, route, "new");
    if (inOrder.length > 0) this.#soon(now);
  }

  /** To who announced it: what is known of him, for he may have forgotten it. */
  giveBack({ link }: Neighbour, { announce, label }: Route): void {
    this.#emit({ kind: "transmit", link, frame: encodeFrame({ type: "announce", label, announce: announce.octets }) });
  }

  withdraw(now: Millis, label: number): void {
    for (const neighbour of this.#neighbours.values()) neighbour.withdrawn.push(label);
    this.#soon(now);
  }

  withdrawFrom(now: Millis, neighbour: Neighbour, label: number): void {
    if (neighbour.withdrawn.length < mostLabels) neighbour.withdrawn.push(label);
    this.#soon(now);
  }

  /** At once, to a neighbour that has asked: by a way that does not lead through him. False: there is none. */
  answer({ link, pending, strangers }: Neighbour, route: Route): boolean {
    const way = route.around(link);
    if (way === undefined || way.hops + 1 >= route.announce.maxHops) return false;
    pending.delete(route);
    strangers.delete(route);
    this.#emit({ kind: "transmit", link, frame: announceFrame(route, way.hops) });
    route.tellAside(way.hops + 1);
    return true;
  }

  /** To those who have asked for what has just come. */
  answerAll(askers: readonly LinkId[], route: Route): void {
    for (const link of askers) {
      const neighbour = this.#neighbours.get(link);
      if (neighbour !== undefined) this.answer(neighbour, route);
    }
  }

  /** A route that is gone is told to nobody. */
  forget(route: Route): void {
    this.#later.delete(route);
    for (const { pending, strangers } of this.#neighbours.values()) {
      pending.delete(route);
      strangers.delete(route);
    }
  }

  flush(now: Millis): void {
    if (this.#dueAt === undefined || this.#dueAt > now) return;
    this.#dueAt = undefined;
    if (this.#laterAt !== undefined && this.#laterAt <= now) this.#tellLater();
    // The same octets for all neighbours, made once.
    const frames = new Map<Route, Uint8Array>();
    for (const neighbour of this.#neighbours.values()) this.#flushTo(now, neighbour, frames);
    if (this.#laterAt !== undefined) this.#at(this.#laterAt);
  }

  #flushTo(now: Millis, neighbour: Neighbour, frames: Map<Route, Uint8Array>): void {
    const { link, withdrawn, pending, strangers } = neighbour;
    while (withdrawn.length > 0) {
      const labels = withdrawn.splice(0, mostLabels);
      this.#emit({ kind: "transmit", link, frame: encodeFrame({ type: "withdraw", labels }) });
    }
    if (pending.size === 0 && strangers.isEmpty) return;
    let credit = neighbour.credit(now);
    for (const route of pending) {
      if (credit < usualLength) break;
      pending.delete(route);
      credit -= this.#tellTo(neighbour, route, frames);
    }
    while (credit >= usualLength) {
      const stranger = strangers.next(now);
      if (stranger === undefined) break;
      const octets = this.#tellTo(neighbour, stranger, frames);
      if (octets > 0) strangers.told(now);
      credit -= octets;
    }
    if (pending.size > 0) this.#at(neighbour.affordsAt(now, 8 * usualLength));
    else if (!strangers.isEmpty)
      this.#at(millis(Math.max(strangers.readyAt(now), neighbour.affordsAt(now, usualLength))));
  }

  /** Octets that it took: none where he has no use for it. */
  #tellTo(neighbour: Neighbour, route: Route, frames: Map<Route, Uint8Array>): number {
    const { link } = neighbour;
    const { best, announce } = route;
    if (best === undefined || best.hops + 1 >= announce.maxHops) return 0;
    // Who is nearer has no use for the way through here.
    const nearer = route.by(link);
    if (nearer !== undefined && nearer.hops <= best.hops) return 0;
    const frame = frames.get(route) ?? tellingFrame(route, best.hops);
    frames.set(route, frame);
    route.tell(best.hops + 1);
    neighbour.spend(frame.length);
    this.#emit({ kind: "transmit", link, frame });
    return frame.length;
  }

  #tellAll(now: Millis, route: Route): void {
    const best = route.best?.link;
    const standing = route.wasTold ? "known" : "new";
    for (const neighbour of this.#neighbours.values()) if (neighbour.link !== best) queue(neighbour, route, standing);
    this.#soon(now);
  }

  #tellLater(): void {
    this.#laterAt = undefined;
    for (const route of this.#later) {
      if (route.best === undefined || route.best.hops + 1 === route.told) continue;
      for (const neighbour of this.#neighbours.values()) queue(neighbour, route, "known");
    }
    this.#later.clear();
  }

  #soon(now: Millis): void {
    this.#at(millis(now + gatherFor));
  }

  #at(time: Millis): void {
    if (this.#dueAt === undefined || time < this.#dueAt) this.#dueAt = time;
  }
}

/** As neighbours are told of a route from now on. Its announce is kept so: what most of them tell of it in turn is proved by a hash or none. */
function tellingFrame(route: Route, hops: number): Uint8Array {
  const frame = announceFrame(route, hops);
  if (route.announce.hops <= hops) route.announce = new HeardAnnounce(frame.subarray(frameLengths.announce));
  return frame;
}

/** Whom he has told of himself he knows. */
function queue({ link, pending, strangers }: Neighbour, route: Route, standing: "known" | "new"): void {
  if (strangers.has(route)) return;
  if (standing === "new" && route.by(link) === undefined) strangers.add(route);
  else pending.add(route);
}

/** How the neighbours are told of a route. */
function announceFrame({ announce, label }: Route, hops: number): Uint8Array {
  const frame = encodeFrame({ type: "announce", label, announce: announce.octets });
  const chain = furtherLink(announce, announce.chain, hops + 1 - announce.hops);
  return putTail(frame, hops + 1, chain);
}
