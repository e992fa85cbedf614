/**
 * What neighbours are told of routes: a moment after it changes, so that what changes together goes together, withdrawals first, and no
 * faster than a link carries. Nobody is told of a way that leads through himself.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NextHop, Route } from "./routing/route.ts";
import { announceLengths } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import { furtherLink } from "./wire/hop-chain.ts";
import { frameLengths, mostLabels } from "./wire/link-frame.ts";

const gatherFor = millis(10);
const usualLength: number = frameLengths.announce + announceLengths.without;

export class Advertising {
  readonly #neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly #emit: (output: MeshOutput) => void;
  #dueAt: Millis | undefined;

  constructor(neighbours: ReadonlyMap<LinkId, Neighbour>, emit: (output: MeshOutput) => void) {
    this.#neighbours = neighbours;
    this.#emit = emit;
  }

  get deadline(): Millis | undefined {
    return this.#dueAt;
  }

  tell(now: Millis, route: Route): void {
    const best = route.best?.link;
    for (const neighbour of this.#neighbours.values()) if (neighbour.link !== best) neighbour.pending.add(route);
    this.#soon(now);
  }

  tellOne(now: Millis, neighbour: Neighbour, route: Route): void {
    neighbour.pending.add(route);
    this.#soon(now);
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

  /** A route that is gone is told to nobody. */
  forget(route: Route): void {
    for (const neighbour of this.#neighbours.values()) neighbour.pending.delete(route);
  }

  flush(now: Millis): void {
    if (this.#dueAt === undefined || this.#dueAt > now) return;
    this.#dueAt = undefined;
    for (const neighbour of this.#neighbours.values()) this.#flushTo(now, neighbour);
  }

  #flushTo(now: Millis, neighbour: Neighbour): void {
    const { link, withdrawn, pending } = neighbour;
    while (withdrawn.length > 0) {
      const labels = withdrawn.splice(0, mostLabels);
      this.#emit({ kind: "transmit", link, frame: encodeFrame({ type: "withdraw", labels }) });
    }
    if (pending.size === 0) return;
    let credit = neighbour.credit(now);
    for (const route of pending) {
      if (credit < usualLength) break;
      pending.delete(route);
      const frame = frameFor(route, link);
      if (frame === undefined) continue;
      credit -= frame.length;
      neighbour.spend(frame.length);
      this.#emit({ kind: "transmit", link, frame });
    }
    if (pending.size > 0) this.#at(neighbour.affordsAt(now, 8 * usualLength));
  }

  #soon(now: Millis): void {
    this.#at(millis(now + gatherFor));
  }

  #at(time: Millis): void {
    if (this.#dueAt === undefined || time < this.#dueAt) this.#dueAt = time;
  }
}

/** The same octets for all neighbours, made once for each way that is told of. */
function frameFor(route: Route, link: LinkId): Uint8Array | undefined {
  const { best, announce } = route;
  if (best === undefined || best.link === link || best.hops + 1 >= announce.maxHops) return undefined;
  const { told } = route;
  if (told !== undefined && told.by.chain === best.chain && told.by.hops === best.hops && told.label === route.label)
    return told.frame;
  const frame = announceFrame(route, best);
  route.tell({ distance: best.hops + 1, frame, label: route.label, by: { hops: best.hops, chain: best.chain } });
  return frame;
}

function announceFrame({ announce, label }: Route, best: NextHop): Uint8Array {
  const octets = announce.relayed(best.hops + 1, furtherLink(announce, best.chain, 1));
  return encodeFrame({ type: "announce", label, announce: octets });
}
