/**
 * How envelopes go on: by the label that says for whom they are, to a neighbour that is nearer, and where there is none into custody. A relay
 * changes label, hops and what its bounds ask for, in the one copy that goes on; it opens nothing, and answers for nothing but the way back.
 */
import { type Bytes, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Advertising } from "../advertising.ts";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import type { NextHopChoice } from "../next-hop-choice.ts";
import type { NextHop, Route } from "../routing/route.ts";
import type { Routes } from "../routing/routes.ts";
import { encodeFrame } from "../wire/encode-frame.ts";
import { type DepositFrame, frameLengths, type MessageFrame } from "../wire/link-frame.ts";
import { OctetSpace } from "../wire/octet-space.ts";
import { type BackWays, keptLink } from "./back-ways.ts";
import type { Held } from "./custody/held.ts";
import type { Custody } from "./custody.ts";
import { EmergencyShare } from "./emergency-share.ts";
import type { EnvelopeDrop, MessageTally } from "./message-tally.ts";
import type { Proofs } from "./proofs.ts";
import type { CustodyTarget } from "./store-operations.ts";
import type { StoreCalendar } from "./store-time.ts";
import { Envelope, type EnvelopeHop, priority, rewriteHop } from "./wire/envelope.ts";
import { coarseLife } from "./wire/life.ts";
import { hintOf } from "./wire/tags.ts";

/** The same by the same link to the same neighbour is not sent on again within this: who tries again waits longer. */
const moment = seconds(1);

/**
 * How many more hops than the way has, what a node sends has left, be it its own or kept. So they tell how far the destination is, which relays
 * know, and not how far the sender.
 */
const spareHops = 32;
/** What it costs to go by who is not nearer, as one may where all who are have lost what they were given: so none does it for long. */
const sidestepHops = 8;

export interface RelayingDeps {
  readonly address: MeshAddress;
  readonly routes: Routes;
  readonly choice: NextHopChoice;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly ways: BackWays;
  readonly proofs: Proofs;
  readonly custody: Pick<Custody, "keep">;
  readonly calendar: StoreCalendar;
  /** No envelope has more of its life left, once it was here. */
  readonly longestLife: Millis;
  readonly emit: (output: MeshOutput) => void;
  readonly tally: MessageTally;
}

/** What became of something held that was to go on. */
export type GoneOn = "gone" | "no-way";

export class Relaying {
  readonly #deps: RelayingDeps;
  readonly #space = new OctetSpace();
  /** Of neighbours that have brought envelopes. */
  readonly #emergencies = new Map<LinkId, EmergencyShare>();

  constructor(deps: RelayingDeps) {
    this.#deps = deps;
  }

  linkDown(link: LinkId): void {
    this.#emergencies.delete(link);
  }

  /** `here`: it is for this node, and was not proved before. Undefined: it went on, is kept, or was dropped and counted. */
  pass(now: Millis, neighbour: Neighbour, { label, envelope }: MessageFrame): "here" | undefined {
    const { routes, proofs, tally } = this.#deps;
    const { link } = neighbour;
    const route = routes.find(label);
    if (route === undefined) {
      this.#deps.advertising.withdrawFrom(now, neighbour, label);
      return this.#drop("label");
    }
    if (proofs.again(now, link, envelope.tag)) return undefined;
    if (route === "here") return this.#arrived(now, link, envelope);
    if (envelope.hops === 0) return this.#drop("hops");
    const clamped = this.#clamped(now, link, envelope);
    if (this.#go(now, route, link, envelope, clamped)) tally.passed += 1;
    else this.#keep(now, neighbour, envelope, clamped, { kind: "address", address: route.address });
    return undefined;
  }

  /** A neighbour gives this node an envelope to keep, or its own. Returns as `pass` does. */
  deposit(now: Millis, neighbour: Neighbour, { hint, envelope }: DepositFrame): "here" | undefined {
    const { proofs, address } = this.#deps;
    const { link } = neighbour;
    if (proofs.again(now, link, envelope.tag)) return undefined;
    const [told, own] = [hint.toHex(), hintOf(envelope.tag, address).toHex()];
    // Whoever would keep what is for himself would send it to himself, and never be done.
    if (told === own) return this.#arrived(now, link, envelope);
    if (envelope.hops === 0) return this.#drop("hops");
    this.#keep(now, neighbour, envelope, this.#clamped(now, link, envelope), { kind: "hint", hint: told });
    return undefined;
  }

  /** Something held, whose octets were read, by the way that there is now: one copy of it. */
  forward(now: Millis, held: Held, octets: Uint8Array): GoneOn {
    const left = this.#deps.calendar.left(now, held.until);
    if (held.destination === undefined || left < seconds(1)) return "no-way";
    const envelope = new Envelope(octets);
    const isOwn = held.from === "own";
    // What is kept has paid for its hop when it came.
    const hop = { hops: envelope.hops, life: isOwn ? coarseLife(left) : left, priority: held.priority, copies: 1 };
    return this.#leave(now, held.destination, isOwn ? undefined : keptLink, envelope, hop);
  }

  /** One of this node's own that has just been sealed, or is tried again. */
  send(now: Millis, to: MeshAddress, octets: Uint8Array, hop: EnvelopeHop): GoneOn {
    return this.#leave(now, to, undefined, new Envelope(octets), hop);
  }

  #leave(now: Millis, to: MeshAddress, from: LinkId | undefined, envelope: Envelope, hop: EnvelopeHop): GoneOn {
    const { routes, ways } = this.#deps;
    const route = routes.get(to);
    const next = route && this.#next(now, route, from, envelope);
    if (route === undefined || next === undefined) return "no-way";
    if (from === undefined) route.usedAt = now;
    const hops = Math.min(hop.hops, next.hops + spareHops);
    this.#transmit(next.link, next.label, envelope, { ...hop, hops });
    ways.went(now, envelope.tag, { from, by: next.link, to });
    return "gone";
  }

  #arrived(now: Millis, link: LinkId, envelope: Envelope): "here" {
    this.#deps.ways.came(now, envelope, link);
    this.#deps.tally.arrived += 1;
    return "here";
  }

  /** Whether it went on, or needs not. */
  #go(now: Millis, route: Route, from: LinkId, envelope: Envelope, hop: EnvelopeHop): boolean {
    const { ways } = this.#deps;
    const next = this.#next(now, route, from, envelope);
    if (next === undefined) return false;
    const isRepeated = ways.isRepeated(now, envelope, from, next.link, moment);
    ways.came(now, envelope, from);
    if (isRepeated) {
      this.#drop("repeated");
      return true;
    }
    const hops = route.isFeasible(next) ? hop.hops : hop.hops - sidestepHops;
    this.#transmit(next.link, next.label, envelope, { ...hop, hops });
    ways.went(now, envelope.tag, { from, by: next.link, to: route.address });
    return true;
  }

  #next(now: Millis, route: Route, from: LinkId | undefined, envelope: Envelope): NextHop | undefined {
    const sidestepsLeft = envelope.hops > sidestepHops ? 1 : 0;
    const next = this.#deps.choice.choose(now, route, { from, sidestepsLeft, length: lengthOf(envelope) });
    if (next === undefined || route.isFeasible(next)) return next;
    // Where nobody is nearer it is better kept.
    return (from === undefined ? route.best : route.around(from)) === undefined ? undefined : next;
  }

  #keep(now: Millis, { link, facts }: Neighbour, envelope: Envelope, hop: EnvelopeHop, to: CustodyTarget): void {
    const { custody, ways } = this.#deps;
    const { name: tag } = envelope;
    ways.came(now, envelope, link);
    const octets = envelope.octets.slice();
    rewriteHop(octets, 0, hop);
    custody.keep(now, { tag, to, from: facts.peer, isSenders: false, ...hop }, octets);
  }

  /** What it is to be from here on. */
  #clamped(now: Millis, link: LinkId, envelope: Envelope): EnvelopeHop {
    const { longestLife, tally } = this.#deps;
    const share = this.#emergencies.get(link) ?? new EmergencyShare(now);
    this.#emergencies.set(link, share);
    const isEmergency = envelope.priority === priority.emergency;
    const isTaken = share.take(now, envelope.octets.length, isEmergency);
    if (isEmergency && !isTaken) tally.lowered += 1;
    return {
      priority: isEmergency && !isTaken ? priority.high : envelope.priority,
      copies: envelope.copies,
      life: millis(Math.min(longestLife, envelope.life)),
      hops: envelope.hops - 1,
    };
  }

  #transmit(link: LinkId, label: number, envelope: Envelope, hop: EnvelopeHop): void {
    const frame = encodeFrame({ type: "message", label, envelope }, this.#space);
    rewriteHop(frame, frameLengths.message, hop);
    this.#deps.emit({ kind: "transmit", link, frame });
  }

  #drop(why: EnvelopeDrop): undefined {
    this.#deps.tally.drop(why);
    return undefined;
  }
}

function lengthOf({ octets }: Envelope): Bytes {
  return bytes(frameLengths.message + octets.length);
}
