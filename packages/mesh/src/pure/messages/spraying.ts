/**
 * What waits for somebody to whom there is no way is given to neighbours that keep: half of the copies each time, until one is left, which
 * waits. So at most as many nodes hold it as its sender said. Source: Spyropoulos, Psounis and Raghavendra, "Spray and Wait" (2005), §3.2.
 *
 * Copies are fewer on the disk before they leave: who is restarted in between has given some to nobody, and never some twice.
 */
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import { sustainedRate } from "../transport-class.ts";
import { encodeFrame } from "../wire/encode-frame.ts";
import { frameLengths } from "../wire/link-frame.ts";
import type { Held, HeldName } from "./custody/held.ts";
import type { EnvelopeReads } from "./envelope-reads.ts";
import type { MessageTally } from "./message-tally.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoreCalendar } from "./store-time.ts";
import { Envelope, rewriteHop } from "./wire/envelope.ts";
import { coarseLife } from "./wire/life.ts";
import { hintOf } from "./wire/tags.ts";

/** Of what a link carries. The rest is for what is on its way. */
const shareOfLink = 0.25;
/** Octets at once, on however poor a link. */
const leastBurst = 8_192;
/** Half of what a neighbour takes: what comes faster it drops, and copies that it was to have are nobody's. */
const depositRate = { perSecond: 250, burst: 1_024 } as const;
/** To be given to one neighbour; the rest is found again at the next meeting. */
export const mostGifts = 1_024;
/** Under way to one neighbour: read, or not yet on the disk. */
const mostUnderWay = 8;

export interface SprayingDeps {
  readonly calendar: StoreCalendar;
  readonly reads: EnvelopeReads;
  readonly store: StoreCall;
  readonly held: (name: HeldName) => Held | undefined;
  readonly isReachable: (destination: MeshAddress) => boolean;
  readonly emit: (output: MeshOutput) => void;
  readonly tally: MessageTally;
}

/** A neighbour that keeps. */
interface Taker {
  readonly link: LinkId;
  readonly facts: LinkFacts;
  readonly octets: TokenBucket;
  readonly deposits: TokenBucket;
  /** Names of what it is to be given, in this order. */
  readonly wanted: Set<HeldName>;
  underWay: number;
  /** When it may be given what is next; nothing is looked through before, at the end of each of thousands of turns. */
  readyAt: Millis;
}

export class Spraying {
  readonly #deps: SprayingDeps;
  readonly #takers = new Map<LinkId, Taker>();
  /** Whose copies are being halved. */
  readonly #busy = new Set<HeldName>();
  #deadline: Millis | undefined;

  constructor(deps: SprayingDeps) {
    this.#deps = deps;
  }

  /** A neighbour that keeps for others is there. What was here before is given after a meeting with it, which tells what it lacks. */
  linkUp(now: Millis, link: LinkId, facts: LinkFacts): void {
    // It has announced itself again.
    if (this.#takers.has(link)) return;
    const perSecond = (sustainedRate(facts) / 8) * shareOfLink;
    const octets = new TokenBucket({ perSecond, burst: Math.max(leastBurst, perSecond) }, now);
    const deposits = new TokenBucket(depositRate, now);
    this.#takers.set(link, { link, facts, octets, deposits, wanted: new Set(), underWay: 0, readyAt: now });
  }

  linkDown(link: LinkId): void {
    this.#takers.delete(link);
  }

  /** A meeting has shown what the neighbour lacks. */
  met(link: LinkId, lacking: Iterable<HeldName>): void {
    const taker = this.#takers.get(link);
    if (taker === undefined) return;
    const held = [...lacking].map(this.#deps.held).filter((one) => one !== undefined);
    for (const one of held.toSorted((a, b) => b.priority - a.priority || a.until - b.until)) this.#want(taker, one);
  }

  /** One has begun to wait: no neighbour can have it but who brought it. */
  waits(held: Held): void {
    for (const taker of this.#takers.values()) this.#want(taker, held);
  }

  get deadline(): Millis | undefined {
    return this.#deadline;
  }

  /** Gives what may be given now. To be called at the end of each turn in which something has come about. */
  work(now: Millis): void {
    this.#deadline = undefined;
    for (const taker of this.#takers.values()) this.#serve(now, taker);
  }

  #want({ wanted, facts }: Taker, held: Held): void {
    if (wanted.size < mostGifts && held.from !== facts.peer && this.#isToGive(held)) wanted.add(held.name);
  }

  #isToGive({ copies, state, destination }: Held): boolean {
    const isReachable = destination !== undefined && this.#deps.isReachable(destination);
    return copies > 1 && state !== "gone" && !isReachable;
  }

  #serve(now: Millis, taker: Taker): void {
    const { reads, held: find } = this.#deps;
    if (taker.wanted.size === 0) return;
    if (now < taker.readyAt) {
      this.#wake(taker.readyAt);
      return;
    }
    for (const name of taker.wanted) {
      if (taker.underWay >= mostUnderWay || reads.room === 0) return;
      const held = find(name);
      if (held === undefined || !this.#isToGive(held)) taker.wanted.delete(name);
      // Another neighbour is given some of it, or it is on its way: its turn comes again.
      else if (this.#busy.has(name) || reads.has(name)) continue;
      else if (this.#affords(now, taker, held)) this.#read(taker, held);
      else return;
    }
  }

  #affords(now: Millis, taker: Taker, { size }: Held): boolean {
    const { octets, deposits, facts } = taker;
    const length = frameLengths.deposit + size;
    if (length > facts.mtu) return true;
    const at = Math.max(octets.readyAt(now, length) ?? 0, deposits.readyAt(now) ?? 0);
    if (at > now) {
      taker.readyAt = millis(at);
      this.#wake(taker.readyAt);
      return false;
    }
    return octets.take(now, length) && deposits.take(now);
  }

  #wake(at: Millis): void {
    this.#deadline = millis(Math.min(at, this.#deadline ?? at));
  }

  #read(taker: Taker, held: Held): void {
    taker.wanted.delete(held.name);
    if (frameLengths.deposit + held.size > taker.facts.mtu) return;
    taker.underWay += 1;
    this.#busy.add(held.name);
    this.#deps.reads.read(held.name, (now, end) => {
      const isToGive = typeof end !== "string" && this.#isToGive(held) && new Envelope(end).hops > 0;
      if (isToGive) this.#halve(now, taker, held, end);
      else this.#done(taker, held);
    });
  }

  #halve(now: Millis, taker: Taker, held: Held, octets: Uint8Array): void {
    const given = Math.floor(held.copies / 2);
    held.copies -= given;
    // The node's own are one copy when it begins anew, whatever they were.
    if (held.from === "own") {
      this.#leave(now, taker, held, octets, given);
      return;
    }
    const { name, to, copies } = held;
    this.#deps.store({ kind: "custody-change", name, to, copies }, (later, end) => {
      if (end === "durable") this.#leave(later, taker, held, octets, given);
      else {
        held.copies += given;
        this.#done(taker, held);
      }
    });
  }

  #leave(now: Millis, taker: Taker, held: Held, octets: Uint8Array, copies: number): void {
    this.#done(taker, held);
    const { calendar, emit, tally } = this.#deps;
    const left = calendar.left(now, held.until);
    const life = held.from === "own" ? coarseLife(left) : left;
    if (this.#takers.get(taker.link) !== taker || held.state === "gone" || life < seconds(1)) return;
    const { to, priority } = held;
    const envelope = new Envelope(octets);
    const hint = to.kind === "hint" ? Uint8Array.fromHex(to.hint) : hintOf(envelope.tag, to.address);
    const frame = encodeFrame({ type: "deposit", hint, envelope });
    rewriteHop(frame, frameLengths.deposit, { priority, copies, life, hops: envelope.hops });
    emit({ kind: "transmit", link: taker.link, frame });
    tally.given += 1;
  }

  #done(taker: Taker, { name }: Held): void {
    taker.underWay -= 1;
    this.#busy.delete(name);
  }
}
