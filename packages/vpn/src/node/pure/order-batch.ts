/**
 * What orders make of a table, one behind another, and what is to be stored and done for it. The table changes at once, so that a later order is judged
 * by what the earlier made of it; what cannot be stored is undone.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Held, isSamePeer, type Rest, type Stranger } from "./held.ts";
import { type Circumstances, judgeOrder, type Refusal } from "./judge-order.ts";
import { judgeSnapshot } from "./judge-snapshot.ts";
import type { Holder, LeaseTable } from "./lease-table.ts";
import type { Generation, Order, PlacementId, Snapshot } from "./order.ts";

export type OrderAnswer = {
  readonly placement: PlacementId;
  readonly generation: Generation;
} & ({ readonly kind: "placed" } | { readonly kind: "removed" } | { readonly kind: "refused"; readonly why: Refusal });

export type SnapshotAnswer =
  /** One for each placement that it names, in their order. */
  | { readonly kind: "taken"; readonly answers: readonly OrderAnswer[] }
  | { readonly kind: "refused"; readonly why: "older" | "other-boot" };

export interface BatchTerms extends Omit<Circumstances, "from"> {
  /** For how long an address rests that somebody had. */
  readonly quarantine: Millis;
}

export class OrderBatch {
  readonly #table: LeaseTable;
  readonly #terms: BatchTerms;
  readonly #before = new Map<PlacementId, Held | undefined>();
  readonly #restsBefore = new Map<string, Rest | undefined>();
  readonly #strangersGone: Stranger[] = [];
  /** Whose peers may be to be written: they came, went or changed. */
  readonly keys: Set<string> = new Set();
  /** Whose leases in the kernel may be to be written. */
  readonly addresses: Set<string> = new Set();
  /** That somebody has no longer: what is tracked of them is to end. */
  readonly freed: Set<string> = new Set();

  /** Begins with what is over by now. */
  constructor(table: LeaseTable, terms: BatchTerms) {
    this.#table = table;
    this.#terms = terms;
    this.#expire();
  }

  order(order: Order, from: Circumstances["from"] = "alone"): OrderAnswer {
    const { kind, placement, generation } = order;
    const judgement = judgeOrder(this.#table, order, { ...this.#terms, from });
    if (judgement.kind === "refuse") return { kind: "refused", placement, generation, why: judgement.why };
    if (judgement.kind === "take") this.#put(judgement.held);
    // Somebody else may have put him there: it is answered that the device has not got him.
    else if (order.kind === "remove") this.keys.add(order.publicKey);
    return { kind: kind === "place" ? "placed" : "removed", placement, generation };
  }

  /** What does not stand in it goes first. The watermark is raised by whoever has stored this. */
  snapshot(snapshot: Snapshot): SnapshotAnswer {
    const judgement = judgeSnapshot(this.#table, snapshot);
    if (judgement.kind === "refuse") return { kind: "refused", why: judgement.why };
    for (const held of judgement.unnamed) this.#forget(held);
    for (const key of judgement.strangers) this.#removeStranger(key);
    return { kind: "taken", answers: snapshot.placements.map((order) => this.order(order, "snapshot")) };
  }

  /** To be stored: undefined is to be deleted. */
  rows(): ReadonlyMap<PlacementId, Held | undefined> {
    return new Map([...this.#before.keys()].map((placement) => [placement, this.#table.find(placement)]));
  }

  rests(): ReadonlyMap<string, Rest | undefined> {
    return new Map([...this.#restsBefore.keys()].map((address) => [address, this.#table.rest(address)]));
  }

  /** The table is as it was, but for the greatest generation that it knows. */
  undo(): void {
    for (const placement of this.#before.keys()) this.#table.forget(placement);
    for (const held of this.#before.values()) if (held !== undefined) this.#table.put(held);
    for (const stranger of this.#strangersGone) this.#table.putStranger(stranger);
    for (const [address, rest] of this.#restsBefore) {
      if (rest === undefined) this.#table.forgetRest(address);
      else this.#table.putRest(rest);
    }
  }

  #expire(): void {
    const { held, strangers, rested } = this.#table.expire(this.#terms.now);
    for (const one of held) {
      this.#remember(one.placement, one);
      if (one.kind === "present") this.#leave(one, one.placement);
    }
    for (const stranger of strangers) {
      this.#strangersGone.push(stranger);
      this.#leave(stranger, undefined);
    }
    for (const rest of rested) if (!this.#restsBefore.has(rest.address)) this.#restsBefore.set(rest.address, rest);
  }

  #put(held: Held): void {
    const former = this.#table.find(held.placement);
    const stranger = this.#table.strangerWith(held.kind === "present" ? held.peer.publicKey : held.publicKey);
    this.#remember(held.placement, former);
    if (stranger !== undefined) this.#strangersGone.push(stranger);
    this.#table.put(held);
    if (former?.kind === "present") this.#leave(former, held.placement, held);
    if (stranger !== undefined) this.#leave(stranger, undefined, held);
    if (held.kind === "gone") {
      this.keys.add(held.publicKey);
      return;
    }
    const isKnown = [former, stranger].some((one) => isHolder(one) && isSamePeer(one.peer, held.peer));
    if (!isKnown) this.keys.add(held.peer.publicKey);
    for (const address of held.peer.addresses) {
      this.addresses.add(address);
      if (this.#table.rest(address) !== undefined) this.#rest(address, undefined);
    }
  }

  #forget(held: Held): void {
    this.#remember(held.placement, held);
    this.#table.forget(held.placement);
    if (held.kind === "present") this.#leave(held, held.placement);
  }

  #removeStranger(publicKey: string): void {
    const stranger = this.#table.strangerWith(publicKey);
    if (stranger === undefined) return;
    this.#strangersGone.push(stranger);
    this.#table.removeStranger(publicKey);
    this.#leave(stranger, undefined);
  }

  /** Somebody has his peer no longer, or has another in its place: what that one has not is free. */
  #leave({ peer }: Holder, formerly: PlacementId | undefined, next?: Held): void {
    const now = next?.kind === "present" ? next.peer : undefined;
    if (now === undefined || !isSamePeer(peer, now)) this.keys.add(peer.publicKey);
    for (const address of peer.addresses) {
      this.addresses.add(address);
      if (now?.addresses.includes(address) === true) continue;
      this.freed.add(address);
      const { quarantine } = this.#terms;
      if (quarantine > 0) this.#rest(address, { address, formerly, until: millis(this.#terms.now + quarantine) });
    }
  }

  #rest(address: string, rest: Rest | undefined): void {
    if (!this.#restsBefore.has(address)) this.#restsBefore.set(address, this.#table.rest(address));
    if (rest === undefined) this.#table.forgetRest(address);
    else this.#table.putRest(rest);
  }

  #remember(placement: PlacementId, held: Held | undefined): void {
    if (!this.#before.has(placement)) this.#before.set(placement, held);
  }
}

function isHolder(one: Held | Stranger | undefined): one is Holder {
  return one !== undefined && "peer" in one;
}
