/** Whether the node was given the wheel, in the node's local store: on disk before anything is done that depends on it. */
import { describeError } from "@ropewalk/kernel/errors";
import type { Store } from "@ropewalk/ops/store";
import type { Kept } from "../pure/steering/standing.ts";

/** The store's migrations that this memory needs, in order. */
export const standingMemoryMigrations: readonly string[] = [
  `CREATE TABLE backhaul_standing (
     only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
     kept TEXT NOT NULL
   ) STRICT`,
];

const known: readonly string[] = ["trial", "purging", "unconfirmed", "purged", "confirmed"] satisfies readonly Kept[];

/** What the store throws, this throws: who cannot remember must not take the wheel. */
export class StandingMemory {
  readonly #store: Pick<Store, "all" | "run">;

  constructor(store: Pick<Store, "all" | "run">) {
    this.#store = store;
  }

  load(): Kept {
    const kept = this.#store.all("SELECT kept FROM backhaul_standing")[0]?.["kept"];
    return typeof kept === "string" && known.includes(kept) ? (kept as Kept) : "nothing";
  }

  save(kept: Kept): void {
    this.#store.run("INSERT OR REPLACE INTO backhaul_standing (only_one, kept) VALUES (1, ?)", kept);
  }
  /** For who has to go on all the same: why it could not be saved, undefined when it was. */
  trySave(kept: Kept): string | undefined {
    try {
      this.save(kept);
      return undefined;
    } catch (error) {
      return describeError(error);
    }
  }
}
