/**
 * What outlives a restart: uplinks with their slots, and the operator's orders. Uplinks are written a moment later, orders at
 * once, because the operator is told that they hold. What fails is tried again at every `catchUp`.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import type { Store } from "@ropewalk/ops/store";
import { OrderMemory } from "./io/order-memory.ts";
import { UplinkMemory } from "./io/uplink-memory.ts";
import type { Orders } from "./pure/orders.ts";
import type { BackhaulInput, RememberedUplink } from "./pure/state.ts";
import type { MemoryFaults } from "./service-health.ts";

export interface RememberingDeps {
  readonly clock: Clock;
  readonly store: Pick<Store, "all" | "run" | "transaction">;
  readonly feed: (input: BackhaulInput) => void;
  /** Something was tried; `faults` may be others now. */
  readonly onTried: () => void;
}

export class RememberingShell implements Disposable {
  readonly #deps: RememberingDeps;
  readonly #uplinks: UplinkMemory;
  readonly #orders: OrderMemory;
  #unsaved: readonly RememberedUplink[] | undefined;
  #saving: Timer | undefined;

  constructor(deps: RememberingDeps) {
    this.#deps = deps;
    this.#uplinks = new UplinkMemory(deps.store);
    this.#orders = new OrderMemory(deps.store);
  }

  get faults(): MemoryFaults {
    return { uplinks: this.#uplinks.fault, orders: this.#orders.fault };
  }

  /** Feeds what an earlier run left. */
  recall(): void {
    const { clock, feed } = this.#deps;
    feed({ kind: "remembered", at: clock.now(), uplinks: this.#uplinks.load() });
    this.#recallOrders();
  }

  keepUplinks(uplinks: readonly RememberedUplink[]): void {
    this.#unsaved = uplinks;
    this.#saving ??= this.#deps.clock.after("backhaul save", millis(0), () => this.#save());
  }

  keepOrders(orders: Orders): void {
    this.#orders.replace(orders);
    this.#deps.onTried();
  }

  /** Tries what failed, and does what is due. */
  catchUp(): void {
    this.#save();
    this.#recallOrders();
  }

  [Symbol.dispose](): void {
    this.#saving?.[Symbol.dispose]();
    this.#save();
  }

  #recallOrders(): void {
    const orders = this.#orders.recall();
    if (orders !== undefined) this.#deps.feed({ kind: "standing-orders", at: this.#deps.clock.now(), orders });
  }

  #save(): void {
    this.#saving = undefined;
    if (this.#unsaved !== undefined) this.#uplinks.replace(this.#unsaved);
    if (this.#uplinks.fault === undefined) this.#unsaved = undefined;
    this.#orders.catchUp();
    this.#deps.onTried();
  }
}
