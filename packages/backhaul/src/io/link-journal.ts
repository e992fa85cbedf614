/** Of which links systemd-resolved was told something by Ropewalk, in the node's local store: on disk before it is told. */
import type { Store } from "@ropewalk/ops/store";
import type { ResolverLink } from "../pure/resolver-plan.ts";

/** The store's migrations that this journal needs, in order. */
export const linkJournalMigrations: readonly string[] = [
  `CREATE TABLE backhaul_changed_links (
     ifindex INTEGER PRIMARY KEY,
     interface_name TEXT NOT NULL
   ) STRICT`,
];

/** Survives whatever ends the process. Every method throws when it cannot do what it says. */
export interface LinkJournal {
  all(): readonly ResolverLink[];
  put(link: ResolverLink): void;
  remove(ifindex: number): void;
}

/** `store` must be durable when `run` returns. What it throws, the journal throws. */
export function createLinkJournal(store: Pick<Store, "all" | "run">): LinkJournal {
  return {
    all: () =>
      store
        .all("SELECT ifindex, interface_name FROM backhaul_changed_links ORDER BY ifindex")
        .map((row) => ({ ifindex: Number(row["ifindex"]), name: String(row["interface_name"]) })),
    put({ ifindex, name }) {
      store.run("INSERT OR REPLACE INTO backhaul_changed_links (ifindex, interface_name) VALUES (?, ?)", ifindex, name);
    },
    remove(ifindex) {
      store.run("DELETE FROM backhaul_changed_links WHERE ifindex = ?", ifindex);
    },
  };
}
