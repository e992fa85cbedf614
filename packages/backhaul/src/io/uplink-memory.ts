/**
 * Which uplinks there were and which slots they have, kept in the node's local store. It never throws: a store that fails
 * costs what a restart would remember, and is told by `fault`.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Store, StoreRow } from "@ropewalk/ops/store";
import type { RememberedUplink } from "../pure/state.ts";
import { StoreGuard } from "./store-guard.ts";

/** The store's migrations that this memory needs, in order. */
export const uplinkMemoryMigrations: readonly string[] = [
  `CREATE TABLE backhaul_uplinks (
     id TEXT PRIMARY KEY,
     slot INTEGER NOT NULL UNIQUE CHECK (slot BETWEEN 1 AND 255),
     interface_name TEXT NOT NULL,
     mac TEXT
   ) STRICT`,
];

export class UplinkMemory {
  readonly #store: Pick<Store, "all" | "run" | "transaction">;
  readonly #guard = new StoreGuard();

  constructor(store: Pick<Store, "all" | "run" | "transaction">) {
    this.#store = store;
  }

  /** Why the last access failed; undefined when it did not. */
  get fault(): string | undefined {
    return this.#guard.fault;
  }

  load(): readonly RememberedUplink[] {
    return (
      this.#guard.attempt(() =>
        this.#store.all("SELECT id, slot, interface_name, mac FROM backhaul_uplinks").map(uplinkOf),
      ) ?? []
    );
  }

  /** Makes the memory what `uplinks` are, so that what an earlier failure lost is caught up. */
  replace(uplinks: readonly RememberedUplink[]): void {
    this.#guard.attempt(() =>
      this.#store.transaction(() => {
        this.#store.run("DELETE FROM backhaul_uplinks");
        for (const { id, slot, interfaceName, mac } of uplinks) {
          this.#store.run("INSERT INTO backhaul_uplinks VALUES (?, ?, ?, ?)", id, slot, interfaceName, mac ?? null);
        }
      }),
    );
  }
}

function uplinkOf(row: StoreRow): RememberedUplink {
  const mac = row["mac"];
  return {
    id: String(row["id"]) as UplinkId,
    slot: Number(row["slot"]),
    interfaceName: String(row["interface_name"]),
    mac: typeof mac === "string" ? mac : undefined,
  };
}
