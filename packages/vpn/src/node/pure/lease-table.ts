/**
 * The leases of a node, found by placement, key and address. What changes is stored first, put here next, and done to the device last:
 * the device has the peers that are live here, and no others.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Held, isLive, isSamePeer, overAt, type Present, type Stranger } from "./held.ts";
import type { Generation, Peer, PlacementId } from "./order.ts";

type Holder = Present | Stranger;

export class LeaseTable {
  readonly boot: string;
  #watermark: Generation;
  readonly #held = new Map<PlacementId, Held>();
  readonly #strangers = new Map<string, Stranger>();
  readonly #byKey = new Map<string, Holder>();
  readonly #byAddress = new Map<string, Holder>();

  constructor(boot: string, watermark: Generation, held: Iterable<Held> = [], strangers: Iterable<Stranger> = []) {
    this.boot = boot;
    this.#watermark = watermark;
    for (const one of held) this.put(one);
    for (const stranger of strangers) {
      this.#strangers.set(stranger.peer.publicKey, stranger);
      this.#index(stranger);
    }
  }

  /** Of the last snapshot that was taken; 0 before the first. */
  get watermark(): Generation {
    return this.#watermark;
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

  /** Whether the key or an address is of another placement, or of a stranger that is another peer, and its lease lasts. */
  isTaken(peer: Peer, by: PlacementId, now: Millis): boolean {
    const holders = [this.#byKey.get(peer.publicKey), ...peer.addresses.map((address) => this.#byAddress.get(address))];
    return holders.some((holder) => {
      if (holder === undefined || !isLive(holder, now)) return false;
      return "placement" in holder ? holder.placement !== by : !isSamePeer(holder.peer, peer);
    });
  }

  /** A stranger with its key is one no longer. */
  put(held: Held): void {
    this.forget(held.placement);
    this.removeStranger(held.kind === "present" ? held.peer.publicKey : held.publicKey);
    this.#held.set(held.placement, held);
    if (held.kind === "present") this.#index(held);
  }

  forget(placement: PlacementId): void {
    const held = this.#held.get(placement);
    this.#held.delete(placement);
    if (held?.kind === "present") this.#unindex(held);
  }

  removeStranger(publicKey: string): void {
    const stranger = this.#strangers.get(publicKey);
    if (stranger === undefined) return;
    this.#strangers.delete(publicKey);
    this.#unindex(stranger);
  }

  raiseWatermark(watermark: Generation): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
  }

  /** The greatest generation that is known here: entry, restored from a backup, must count on from it. */
  latest(): Generation {
    let latest = this.#watermark;
    for (const { generation } of this.#held.values()) if (generation > latest) latest = generation;
    return latest;
  }

  /** Forgets what is over, and tells which placements: their rows go from the store, and their peers from the device. */
  expire(now: Millis): readonly Held[] {
    const over = [...this.#held.values()].filter((held) => overAt(held) <= now);
    for (const { placement } of over) this.forget(placement);
    for (const { peer, endsAt } of this.#strangers.values()) if (endsAt <= now) this.removeStranger(peer.publicKey);
    return over;
  }

  /** When the next of them is over. Undefined: nothing is held. */
  deadline(): Millis | undefined {
    let first = Number.POSITIVE_INFINITY;
    for (const held of this.#held.values()) first = Math.min(first, overAt(held));
    for (const { endsAt } of this.#strangers.values()) first = Math.min(first, endsAt);
    return first === Number.POSITIVE_INFINITY ? undefined : millis(first);
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
