/**
 * What the operator pinned and drained, kept in the node's local store. It never throws: orders that cannot be kept are told by
 * `fault`, hold until the restart, and are tried again.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Store, StoreRow } from "@ropewalk/ops/store";
import type { Orders } from "../pure/orders.ts";
import { StoreGuard } from "./store-guard.ts";

/** The store's migrations that this memory needs, in order. */
export const orderMemoryMigrations: readonly string[] = [
  `CREATE TABLE backhaul_orders (
     uplink_id TEXT PRIMARY KEY,
     kind TEXT NOT NULL CHECK (kind IN ('pin', 'drain'))
   ) STRICT`,
];

export class OrderMemory {
  readonly #store: Pick<Store, "all" | "run" | "transaction">;
  readonly #guard = new StoreGuard();
  #unsaved: Orders | undefined;
  #isKnown = false;

  constructor(store: Pick<Store, "all" | "run" | "transaction">) {
    this.#store = store;
  }

  /** Why the last access failed; undefined when it did not. */
  get fault(): string | undefined {
    return this.#guard.fault;
  }

  /** What an earlier run left; undefined when that cannot be read, was told before, or does not count any more. */
  recall(): Orders | undefined {
    if (this.#isKnown) return undefined;
    const read = () => this.#store.all("SELECT uplink_id, kind FROM backhaul_orders ORDER BY rowid");
    const rows = this.#guard.attempt(read);
    this.#isKnown = rows !== undefined;
    return rows === undefined ? undefined : ordersOf(rows);
  }

  /** Makes the memory what `orders` are. */
  replace(orders: Orders): void {
    this.#isKnown = true;
    this.#unsaved = orders;
    this.catchUp();
  }

  /** Tries once more what failed. */
  catchUp(): void {
    const orders = this.#unsaved;
    if (orders === undefined) return;
    const isSaved = this.#guard.attempt(() => {
      this.#store.transaction(() => this.#write(orders));
      return true;
    });
    if (isSaved === true) this.#unsaved = undefined;
  }

  #write({ pinned, drained }: Orders): void {
    const insert = (id: UplinkId, kind: "pin" | "drain") =>
      this.#store.run("INSERT INTO backhaul_orders (uplink_id, kind) VALUES (?, ?)", id, kind);
    this.#store.run("DELETE FROM backhaul_orders");
    if (pinned !== undefined) insert(pinned, "pin");
    for (const id of drained) insert(id, "drain");
  }
}

function ordersOf(rows: readonly StoreRow[]): Orders {
  const of = (kind: string) =>
    rows.flatMap((row) => (row["kind"] === kind ? [String(row["uplink_id"]) as UplinkId] : []));
  return { pinned: of("pin")[0], drained: of("drain") };
}
