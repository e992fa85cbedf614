/** What the control of the VPN has counted since it started, as metrics. */
import type { Metrics } from "@ropewalk/ops/metrics";
import type { WaitingOrders } from "./outbox.ts";

export class ControlFigures {
  /** By outcome. */
  readonly starts: Map<string, number> = new Map();
  readonly ends: Map<string, number> = new Map();
  readonly moves: Map<string, number> = new Map();
  orders: WaitingOrders | undefined;

  count(of: "starts" | "ends" | "moves", outcome: string): void {
    this[of].set(outcome, (this[of].get(outcome) ?? 0) + 1);
  }

  register(metrics: Metrics, done: () => { readonly transactions: number; readonly steps: number }): void {
    for (const asked of ["starts", "ends", "moves"] as const)
      metrics.counter({
        name: `ropewalk_entry_vpn_${asked}_total`,
        help: `How ${asked} of VPN sessions that this replica was asked for came out.`,
        labels: ["outcome"],
        collect: (set) => {
          for (const [outcome, count] of this[asked]) set({ outcome }, count);
        },
      });
    metrics.counter({
      name: "ropewalk_entry_vpn_steps_total",
      help: "Steps of VPN sessions that this replica has committed.",
      labels: [],
      collect: (set) => set({}, done().steps),
    });
    metrics.counter({
      name: "ropewalk_entry_vpn_transactions_total",
      help: "Transactions in which it did so: the fewer, the larger were the batches.",
      labels: [],
      collect: (set) => set({}, done().transactions),
    });
    metrics.gauge({
      name: "ropewalk_entry_vpn_orders_waiting",
      help: "Orders to nodes that were not answered, of all replicas.",
      labels: [],
      collect: (set) => this.orders !== undefined && set({}, this.orders.count),
    });
    metrics.gauge({
      name: "ropewalk_entry_vpn_oldest_order_seconds",
      help: "Since the transaction of the oldest order that was not answered.",
      labels: [],
      collect: (set) => this.orders !== undefined && set({}, this.orders.oldest / 1000),
    });
  }
}
