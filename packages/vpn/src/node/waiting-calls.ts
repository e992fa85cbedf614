/** What is asked of a node while it is at work: bounded, and taken in groups that become one write each. */
import { VpnError } from "../errors.ts";
import type { Order, Snapshot } from "./pure/order.ts";
import type { OrderAnswer, SnapshotAnswer } from "./pure/order-batch.ts";

export type WaitingCall =
  | {
      readonly kind: "orders";
      readonly orders: readonly Order[];
      readonly settle: PromiseWithResolvers<readonly OrderAnswer[]>;
    }
  | {
      readonly kind: "snapshot";
      readonly snapshot: Snapshot;
      readonly settle: PromiseWithResolvers<SnapshotAnswer>;
    };

/** Orders, those of snapshots among them, that may wait; one call may have more when nothing else waits. */
const mostWaiting = 32_768;
/** Orders that are written together: what comes behind them is not to wait long. */
const mostTogether = 1_024;

export class WaitingCalls {
  readonly #calls: WaitingCall[] = [];
  #orders = 0;

  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** Throws VpnError, VPN_BUSY. */
  add(call: WaitingCall): void {
    const weight = weightOf(call);
    if (!this.isEmpty && this.#orders + weight > mostWaiting)
      throw new VpnError("VPN_BUSY", `${this.#orders} orders wait, and ${mostWaiting} may: ask again later`);
    this.#calls.push(call);
    this.#orders += weight;
  }

  /** What comes next: a snapshot alone, or orders. */
  takeGroup(): readonly WaitingCall[] {
    let [count, orders] = [0, 0];
    for (const call of this.#calls) {
      const isAlone = call.kind === "snapshot";
      if (count > 0 && (isAlone || orders + weightOf(call) > mostTogether)) break;
      count += 1;
      orders += weightOf(call);
      if (isAlone) break;
    }
    const group = this.#calls.splice(0, count);
    this.#orders -= orders;
    return group;
  }

  /** All that waits fails. */
  refuse(error: VpnError): void {
    for (const { settle } of this.#calls.splice(0)) settle.reject(error);
    this.#orders = 0;
  }
}

/** A call with no orders takes room too. */
function weightOf(call: WaitingCall): number {
  return 1 + (call.kind === "orders" ? call.orders.length : call.snapshot.placements.length);
}
