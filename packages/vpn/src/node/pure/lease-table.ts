/**
 * The leases of a node, found by placement, key and address. What changes is stored first, put here next, and done to the device last:
 * the device has the peers that are live here, and no others. Nothing here takes longer where more is held, but for what tells of all.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { DueQueue } from "./due-queue.ts";
import { type Held, isLive, isSamePeer, overAt, type Present, type Rest, type Stranger } from "./held.ts";
import type { Generation, Peer, PlacementId } from "./order.ts";

export type Holder = Present | Stranger;

/** What is over. */
export interface Over {
  /** Their rows go from the store. */
  readonly held: readonly Held[];
  readonly strangers: readonly Stranger[];
  /** Addresses that have rested. */
  readonly rested: readonly Rest[];
}

export class LeaseTable {
  readonly boot: string;
  #watermark: Generation;
  #latest: Generation;
  #presentCount = 0;
  readonly #held = new Map<PlacementId, Held>();
  readonly #strangers = new Map<string, Stranger>();
  readonly #resting = new Map<string, Rest>();
  readonly #byKey = new Map<string, Holder>();
  readonly #byAddress = new Map<string, Holder>();
  readonly #heldDue = new DueQueue<PlacementId>();
  readonly #strangersDue = new DueQueue<string>();
  readonly #restingDue = new DueQueue<string>();

  constructor(boot: string, watermark: Generation, held: Iterable<Held> = [], strangers: Iterable<Stranger> = []) {
    this.boot = boot;
    this.#watermark = watermark;
    this.#latest = watermark;
    for (const one of held) this.put(one);
    for (const stranger of strangers) this.putStranger(stranger);
  }

  /** Of the last snapshot that was taken; 0 before the first. */
  get watermark(): Generation {
    return this.#watermark;
  }

  get counts(): {
    readonly peers: number;
    readonly tombstones: number;
    readonly strangers: number;
    readonly resting: number;
  } {
    const tombstones = this.#held.size - this.#presentCount;
    return { peers: this.#presentCount, tombstones, strangers: this.#strangers.size, resting: this.#resting.size };
  }

  find(placement: PlacementId): Held | undefined {
    return this.#held.get(placement);
  }

  all(): Iterable<Held> {
    return this.#held.values();
  }

  strangers(): Iterable<Stranger> {
    return this.#strangers.values();
  }

  strangerWith(publicKey: string): Stranger | undefined {
    return this.#strangers.get(publicKey);
  }

  rest(address: string): Rest | undefined {
    return this.#resting.get(address);
  }

  /** Whether it is somebody's, be his lease over or not. */
  hasKey(publicKey: string): boolean {
    return this.#byKey.has(publicKey);
  }

  /** Whoever has the key, while his lease lasts. */
  holderOf(publicKey: string, now: Millis): Holder | undefined {
    return live(this.#byKey.get(publicKey), now);
  }

  holderAt(address: string, now: Millis): Holder | undefined {
    return live(this.#byAddress.get(address), now);
  }

  /** Whoever is carried. */
  *holders(now: Millis): Generator<Holder> {
    for (const held of this.#held.values()) if (held.kind === "present" && isLive(held, now)) yield held;
    for (const stranger of this.#strangers.values()) if (isLive(stranger, now)) yield stranger;
  }

  /**
   * Whether the key or an address is of another placement, or of a stranger that is another peer, and its lease lasts; or an address rests that another
   * had.
   */
  isTaken(peer: Peer, by: PlacementId, now: Millis): boolean {
    const holders = [this.#byKey.get(peer.publicKey), ...peer.addresses.map((address) => this.#byAddress.get(address))];
    const isHeld = holders.some((holder) => {
      if (holder === undefined || !isLive(holder, now)) return false;
      return "placement" in holder ? holder.placement !== by : !isSamePeer(holder.peer, peer);
    });
    return isHeld || peer.addresses.some((address) => this.#isResting(address, by, now));
  }

  /** A stranger with its key is one no longer. */
  put(held: Held): void {
    this.forget(held.placement);
    this.removeStranger(held.kind === "present" ? held.peer.publicKey : held.publicKey);
    this.#held.set(held.placement, held);
    this.#heldDue.set(held.placement, overAt(held));
    if (held.generation > this.#latest) this.#latest = held.generation;
    if (held.kind === "gone") return;
    this.#presentCount += 1;
    this.#index(held);
  }

  forget(placement: PlacementId): void {
    const held = this.#held.get(placement);
    this.#held.delete(placement);
    this.#heldDue.delete(placement);
    if (held?.kind !== "present") return;
    this.#presentCount -= 1;
    this.#unindex(held);
  }

  putStranger(stranger: Stranger): void {
    this.#strangers.set(stranger.peer.publicKey, stranger);
    this.#strangersDue.set(stranger.peer.publicKey, stranger.endsAt);
    this.#index(stranger);
  }

  removeStranger(publicKey: string): void {
    const stranger = this.#strangers.get(publicKey);
    if (stranger === undefined) return;
    this.#strangers.delete(publicKey);
    this.#strangersDue.delete(publicKey);
    this.#unindex(stranger);
  }

  putRest(rest: Rest): void {
    this.#resting.set(rest.address, rest);
    this.#restingDue.set(rest.address, rest.until);
  }

  forgetRest(address: string): void {
    this.#resting.delete(address);
    this.#restingDue.delete(address);
  }

  raiseWatermark(watermark: Generation): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    if (watermark > this.#latest) this.#latest = watermark;
  }

  /** The greatest generation that was known here: entry, restored from a backup, must count on from it. */
  latest(): Generation {
    return this.#latest;
  }

  /** Forgets what is over: a placement or stranger from the end of its lease, an address when it has rested. */
  expire(now: Millis): Over {
    const held = this.#heldDue.take(now).flatMap((placement) => this.#held.get(placement) ?? []);
    for (const { placement } of held) this.forget(placement);
    const strangers = this.#strangersDue.take(now).flatMap((key) => this.#strangers.get(key) ?? []);
    for (const { peer } of strangers) this.removeStranger(peer.publicKey);
    const rested = this.#restingDue.take(now).flatMap((address) => this.#resting.get(address) ?? []);
    for (const { address } of rested) this.forgetRest(address);
    return { held, strangers, rested };
  }

  /** When the next of them is over. Undefined: nothing is held, and nothing rests. */
  deadline(): Millis | undefined {
    return [this.#heldDue, this.#strangersDue, this.#restingDue]
      .map((queue) => queue.deadline())
      .reduce((first, due) => (due !== undefined && (first === undefined || due < first) ? due : first));
  }

  #isResting(address: string, by: PlacementId, now: Millis): boolean {
    const rest = this.#resting.get(address);
    return rest !== undefined && now < rest.until && rest.formerly !== by;
  }

  #index(holder: Holder): void {
    this.#byKey.set(holder.peer.publicKey, holder);
    for (const address of holder.peer.addresses) this.#byAddress.set(address, holder);
  }

  #unindex(holder: Holder): void {
    const { publicKey, addresses } = holder.peer;
    if (this.#byKey.get(publicKey) === holder) this.#byKey.delete(publicKey);
    for (const address of addresses) if (this.#byAddress.get(address) === holder) this.#byAddress.delete(address);
  }
}

function live(holder: Holder | undefined, now: Millis): Holder | undefined {
  return holder !== undefined && isLive(holder, now) ? holder : undefined;
}
