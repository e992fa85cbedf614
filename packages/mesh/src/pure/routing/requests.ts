/**
 * Which newer announces are wanted, when they are asked for again, and which questions of others were just passed on: a thousand nodes
 * that lose the same way ask its origin once. Source: RFC 8966 §3.8.1 and §3.8.2.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import { type Freshness, mostHops } from "../wire/announce.ts";

interface Wanted {
  /** What was known of it; both 0: nothing. */
  readonly known: Freshness;
  tries: number;
  readonly urgency: Urgency;
  at: Millis;
}

/**
 * Somebody waits for it; or it is only good to have, and then not all are asked: the link by which it was known is gone, so that nobody tells of
 * it unasked; or neighbours have lost it before, of whom one stands where it was lost.
 */
export type Urgency = "used" | "gap" | "unused";

export interface Due {
  readonly address: MeshAddress;
  readonly known: Freshness;
  readonly urgency: Urgency;
  /** Hops over which all are asked. */
  readonly reach: number;
}

/** Before the first: another way often shows by itself. */
const patience = millis(50);
const firstWait = seconds(1);
/** How far all are asked, time after time: who has another way is mostly near. */
export const nearby = 2;
const reaches = [nearby, 2 * nearby, mostHops];
const mostWanted = 4096;
const mostSeen = 8192;
/** In a turn of the event loop: a link that goes may take the ways to thousands with it. */
const mostAtOnce = 256;
/** The same question is passed on once within this at least, and again within twice that: whoever asks again must be heard. */
const seenFor = millis(500);
/** Who asked is told what comes within this at least. */
const askedFor = seconds(3);
/** Of one: those behind them ask again. */
const mostAskers = 32;

export class Requests {
  readonly #wanted = new Map<MeshAddress, Wanted>();
  #dueAt: Millis | undefined;
  /** Of this half second, and of the one before. */
  #seen = new Set<string>();
  #seenBefore = new Set<string>();
  #seenIn = 0;
  /** Who asked for which, of the last seconds and of those before; "here": this node itself. */
  #asked = new Map<MeshAddress, Set<LinkId | "here">>();
  #askedBefore = new Map<MeshAddress, Set<LinkId | "here">>();
  #askedIn = 0;

  get size(): number {
    return this.#wanted.size;
  }

  isWanted(address: MeshAddress): boolean {
    return this.#wanted.has(address);
  }

  want(now: Millis, address: MeshAddress, known: Freshness, urgency: Urgency = "used"): void {
    const wanted = this.#wanted.get(address);
    // Somebody waits for what was only good to have: it begins anew.
    const isAnother = wanted === undefined || (urgency === "used" && wanted.urgency !== urgency);
    if (!isAnother || (wanted === undefined && this.#wanted.size >= mostWanted)) return;
    const at = millis(now + patience);
    this.#wanted.set(address, { known, tries: 0, urgency, at });
    if (this.#dueAt === undefined || at < this.#dueAt) this.#dueAt = at;
  }

  /** It came, or nobody wants it any more. */
  settle(address: MeshAddress): void {
    this.#wanted.delete(address);
  }

  /** Those to be asked for now; where there are many, the others when it is called again. */
  due(now: Millis): readonly Due[] {
    const due: Due[] = [];
    if (this.#dueAt === undefined || now < this.#dueAt) return due;
    for (const [address, wanted] of this.#wanted) {
      if (wanted.at > now) continue;
      if (due.length >= mostAtOnce) break;
      const { known, urgency } = wanted;
      due.push({ address, known, urgency, reach: reaches[wanted.tries] ?? mostHops });
      wanted.tries += 1;
      wanted.at = millis(now + firstWait * 2 ** (wanted.tries - 1));
      if (wanted.tries >= (urgency === "used" ? reaches.length : reaches.length - 1)) this.#wanted.delete(address);
    }
    this.#dueAt = undefined;
    for (const { at } of this.#wanted.values()) if (this.#dueAt === undefined || at < this.#dueAt) this.#dueAt = at;
    return due;
  }

  /** No later than the next is due. */
  get deadline(): Millis | undefined {
    return this.#dueAt;
  }

  /** The answer is for who asks as well, whether his question goes on or not. */
  asks(now: Millis, address: MeshAddress, by: LinkId | "here"): void {
    this.#age(now);
    const askers = this.#asked.get(address) ?? new Set();
    if (askers.size >= mostAskers || (askers.size === 0 && this.#asked.size >= mostSeen)) return;
    this.#asked.set(address, askers.add(by));
  }

  isAsked(now: Millis, address: MeshAddress): boolean {
    this.#age(now);
    return this.#asked.has(address) || this.#askedBefore.has(address);
  }

  /** Who is to be told what came; they have it then. */
  takeAskers(address: MeshAddress): readonly LinkId[] {
    const askers = [...(this.#asked.get(address) ?? []), ...(this.#askedBefore.get(address) ?? [])];
    this.#asked.delete(address);
    this.#askedBefore.delete(address);
    return [...new Set(askers)].filter((by) => by !== "here");
  }

  #age(now: Millis): void {
    const span = Math.floor(now / askedFor);
    if (span === this.#askedIn) return;
    this.#askedBefore = span === this.#askedIn + 1 ? this.#asked : new Map();
    this.#asked = new Map();
    this.#askedIn = span;
  }

  /** Whether a question is to be passed on: not, if the same one just was, or too many others were. */
  isNew(now: Millis, address: MeshAddress, { epoch, sequence }: Freshness): boolean {
    const half = Math.floor(now / seenFor);
    if (half !== this.#seenIn) {
      this.#seenBefore = half === this.#seenIn + 1 ? this.#seen : new Set();
      this.#seen = new Set();
      this.#seenIn = half;
    }
    const question = `${address} ${epoch} ${sequence}`;
    if (this.#seen.has(question) || this.#seenBefore.has(question) || this.#seen.size >= mostSeen) return false;
    this.#seen.add(question);
    return true;
  }
}
