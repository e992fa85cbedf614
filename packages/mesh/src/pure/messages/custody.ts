/**
 * What is kept here until it is proved, for others and of this node's own: whom it is for, when it is tried again, when it ends, and who gives
 * way. In memory is what must be known of each; the envelopes are in the store, and are read when it is their turn.
 */
import { type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import { Held, type HeldFacts, type HeldName, heldName } from "./custody/held.ts";
import { HeldHeap } from "./custody/held-heap.ts";
import { HeldIndex } from "./custody/held-index.ts";
import { HintHasher } from "./custody/hint-hasher.ts";
import { HintMatching } from "./custody/hint-matching.ts";
import { Retries } from "./custody/retries.ts";
import { CustodyShares, type ShareBound } from "./custody/shares.ts";
import type { CustodyDeps, Offered } from "./custody-terms.ts";
import { mostReads } from "./envelope-reads.ts";
import type { CustodyEnd, EnvelopeDrop } from "./message-tally.ts";
import type { ElementRow } from "./reconcile/element-row.ts";
import type { StoreTime } from "./store-time.ts";
import { type TagName, tagName } from "./wire/envelope.ts";
import { markOf } from "./wire/tags.ts";

export const defaultCustodyOctets: Bytes = bytes(64 * 2 ** 20);

/** Comparisons of hints in one turn, and the time to the next: 40,000 a second, which take a fiftieth of a core. */
const comparedInTurn = 2_000;
const compareEvery = 50;
/** Ended, or found to have a way, in one turn: some milliseconds of it. */
const mostInTurn = 512;
/** Of the reads under way, as many are for what goes by a way that is there; the others are left to what is given to neighbours. */
const mostDueReads = mostReads - 16;

const noRoom: Readonly<Record<ShareBound, EnvelopeDrop>> = {
  neighbour: "neighbour-full",
  destination: "destination-full",
  all: "all-full",
};

export class Custody {
  readonly #deps: CustodyDeps;
  readonly #held = new HeldIndex();
  readonly #byEnd = new HeldHeap("byEnd", (one, other) => one.until < other.until);
  readonly #shares: CustodyShares;
  readonly #retries = new Retries();
  readonly #hints = new HintMatching(new HintHasher());
  /** What is for those to whom a way has appeared, as far as it was not told so yet. */
  readonly #risen = new Map<MeshAddress, Iterator<Held>>();
  #taken = 0;
  #compareAt = 0;
  /** As late as it was told that it is. */
  #now: Millis = millis(0);

  /** `most`: octets that may be kept for others; see `heldOverhead`. */
  constructor(deps: CustodyDeps, most: Bytes = defaultCustodyOctets) {
    this.#deps = deps;
    this.#shares = new CustodyShares({ most });
  }

  get size(): number {
    return this.#held.size;
  }

  /** What all that is kept for others costs. */
  get octets(): number {
    return this.#shares.octets;
  }

  linkUp(neighbour: MeshAddress): void {
    this.#shares.linkUp(neighbour);
  }

  linkDown(neighbour: MeshAddress): void {
    this.#shares.linkDown(neighbour);
  }

  get(name: HeldName): Held | undefined {
    return this.#held.get(name);
  }

  /** What is held, for a meeting. */
  get elements(): Pick<ElementRow<Held>, "size" | "copy" | "withUpper"> {
    return this.#held.elements;
  }

  /** All names. It must not change meanwhile. */
  names(): MapIterator<HeldName> {
    return this.#held.names();
  }

  /**
   * Keeps an envelope for somebody: whether it is kept; where not it was counted. It is tried again in a moment where there is a way. `octets` are
   * the store's from now on.
   */
  keep(now: Millis, { life, tag, ...offered }: Offered, octets: Uint8Array): boolean {
    const { calendar, store, tally } = this.#deps;
    const name = heldName(tag, markOf(octets));
    if (this.#held.get(name) !== undefined) return this.#refuse("held");
    const priority = this.#shares.priority(offered.from, offered.priority, octets.length);
    if (priority !== offered.priority) tally.lowered += 1;
    const held = new Held({ ...offered, name, priority, until: calendar.after(now, life) }, octets.length);
    const bound = this.#admit(held);
    if (bound !== undefined) return this.#refuse(noRoom[bound]);
    tally.kept += 1;
    const { to, isSenders, until, copies } = held;
    const custody = { name, to, from: offered.from, isSenders, priority, until, copies };
    store({ kind: "custody-put", custody, envelope: octets }, (_, end) => {
      if (end === "refused" && held.state !== "gone") this.#end(held, "refused", "not stored");
    });
    this.#begin(now, held, "tried");
    return true;
  }

  /** What is in the store already: of this node's own at any time, and for others when it begins. Whether there was room for it. */
  add(now: Millis, facts: HeldFacts, size: number, was: "tried" | "untried"): boolean {
    if (this.#held.get(facts.name) !== undefined) return false;
    const held = new Held(facts, size);
    const bound = this.#admit(held);
    if (bound !== undefined) {
      this.#deps.tally.end("evicted");
      this.#deps.store({ kind: "custody-remove", name: held.name });
      return false;
    }
    this.#begin(now, held, was);
    return true;
  }

  /** A proof came, and something with this tag was held: it is not any more. What is told lived the longest of several. Own ones are taken out of the
   * outbox by whoever sent them. */
  proved(tag: Uint8Array, ackKey: Uint8Array): Pick<Held, "tag" | "until"> | undefined {
    const [first, ...others] = this.#held.of(tagName(tag)).toSorted((one, other) => other.until - one.until);
    if (first === undefined) return undefined;
    for (const held of [first, ...others]) {
      if (held.from !== "own") {
        const proof = { tag: held.tag, ackKey: ackKey.slice(), until: held.until };
        this.#deps.store({ kind: "proof-keep", proof });
      }
      this.#end(held, "proved", "stored");
    }
    return first;
  }

  /** One of this node's own that is given up, or has been sealed anew. */
  withdraw(tag: TagName): void {
    for (const held of this.#held.of(tag)) if (held.from === "own") this.#forget(held);
  }

  /** There is a node with this address; a way to it is told by `wayUp`. */
  knows(address: MeshAddress): void {
    this.#hints.knows(address);
  }

  forgets(address: MeshAddress): void {
    this.#hints.forgets(address);
  }

  /** There is a way to it that was not there before: all that is for it is due. */
  wayUp(now: Millis, address: MeshAddress): void {
    this.#now = now;
    this.#hints.knows(address);
    this.#risen.set(address, this.#shares.of(address));
  }

  get deadline(): Millis | undefined {
    const { calendar } = this.#deps;
    const at = (time: number | undefined) =>
      time === undefined ? Number.POSITIVE_INFINITY : this.#now + calendar.left(this.#now, time as StoreTime);
    const isFull = this.#deps.reads.room <= mostReads - mostDueReads;
    const next = Math.min(
      this.#risen.size > 0 ? this.#now : Number.POSITIVE_INFINITY,
      at(this.#byEnd.first?.until),
      isFull ? Number.POSITIVE_INFINITY : at(this.#retries.nextAt),
      this.#hints.isBehind ? Math.max(this.#now, this.#compareAt) : Number.POSITIVE_INFINITY,
    );
    return next === Number.POSITIVE_INFINITY ? undefined : millis(next);
  }

  /** What is due at a time, in bounded portions. */
  expire(now: Millis): void {
    this.#now = now;
    const at = this.#deps.calendar.at(now);
    this.#expire(at);
    if (this.#hints.isBehind && now >= this.#compareAt) this.#compare(now);
    this.#rise(at);
    this.#readDue(at);
  }

  /** Removes what has ended; the store does it itself. */
  #expire(at: StoreTime): void {
    let ended = 0;
    for (; ended < mostInTurn; ended += 1) {
      const { first } = this.#byEnd;
      if (first === undefined || first.until > at) break;
      this.#end(first, "expired", "not stored");
    }
    if (ended > 0) this.#deps.store({ kind: "expire", now: at });
  }

  #rise(at: StoreTime): void {
    let left = mostInTurn;
    for (const [address, all] of this.#risen) {
      for (; left > 0; left -= 1) {
        const { value: held, done: isDone } = all.next();
        if (held !== undefined) this.#retries.wayUp(at, held);
        if (isDone !== true) continue;
        this.#risen.delete(address);
        break;
      }
    }
  }

  #compare(now: Millis): void {
    this.#compareAt = now + compareEvery;
    for (const { held, destination } of this.#hints.work(comparedInTurn)) {
      this.#shares.remove(held);
      held.to = { kind: "address", address: destination };
      const bound = this.#admit(held);
      if (bound === undefined) {
        const { name, to, copies } = held;
        this.#deps.store({ kind: "custody-change", name, to, copies });
        this.#begin(now, held, "untried");
      } else this.#end(held, "evicted", "stored");
    }
  }

  #readDue(at: StoreTime): void {
    const { reads } = this.#deps;
    const room = reads.room - (mostReads - mostDueReads);
    for (const held of room > 0 ? this.#retries.take(at, room) : []) {
      const { destination } = held;
      if (destination === undefined || !this.#deps.isReachable(destination)) this.#retries.rest(held);
      else if (reads.has(held.name)) this.#retries.tried(at, held);
      else
        reads.read(held.name, (now, end) => {
          if (held.state === "reading") this.#onRead(now, held, end);
        });
    }
  }

  #onRead(now: Millis, held: Held, end: Uint8Array | "absent" | "unread"): void {
    const at = this.#deps.calendar.at(now);
    this.#now = now;
    if (end === "absent" && held.attempts > 0) this.#end(held, "lost", "not stored");
    // What was just given to the store may not be there yet.
    else if (typeof end === "string") this.#retries.tried(at, held);
    else if (this.#deps.forward(now, held, end) === "gone") this.#retries.tried(at, held);
    else this.#rest(now, held);
  }

  /** Undefined: it is in, and those that gave way are gone. */
  #admit(held: Held): ShareBound | undefined {
    const given = this.#shares.admit(held);
    if (typeof given === "string") return given;
    for (const victim of given) this.#end(victim, "evicted", "stored");
    return undefined;
  }

  #begin(now: Millis, held: Held, was: "tried" | "untried"): void {
    const { calendar, isReachable } = this.#deps;
    this.#now = now;
    if (this.#held.get(held.name) === undefined) {
      this.#taken += 1;
      held.order = this.#taken;
      this.#held.add(held);
      this.#byEnd.add(held);
    }
    const { destination } = held;
    if (destination === undefined) this.#hints.add(held);
    if (destination === undefined || !isReachable(destination)) this.#deps.onWaiting(now, held);
    else if (was === "tried") this.#retries.tried(calendar.at(now), held);
    else this.#retries.wayUp(calendar.at(now), held);
  }

  #rest(now: Millis, held: Held): void {
    this.#retries.rest(held);
    this.#deps.onWaiting(now, held);
  }

  /** `stored`: the store has it still. */
  #end(held: Held, how: CustodyEnd, where: "stored" | "not stored"): void {
    this.#forget(held);
    if (held.from === "own") return;
    this.#deps.tally.end(how);
    if (where === "stored") this.#deps.store({ kind: "custody-remove", name: held.name });
  }

  #forget(held: Held): void {
    this.#held.delete(held);
    this.#byEnd.delete(held);
    this.#retries.remove(held);
    this.#hints.remove(held);
    this.#shares.remove(held);
  }

  #refuse(why: EnvelopeDrop): false {
    this.#deps.tally.drop(why);
    return false;
  }
}
