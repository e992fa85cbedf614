/** How long addresses were preferred before Ropewalk deprecated them, in the node's local store: on disk before the first of them changes. */
import type { Lifetime, LifetimeJournal, LivingAddress, OwnAddress } from "@ropewalk/host/address-lifetimes";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import type { Store, StoreRow } from "@ropewalk/ops/store";

/** The store's migrations that this journal needs, in order. A lifetime of null has no end. */
export const lifetimeJournalMigrations: readonly string[] = [
  `CREATE TABLE backhaul_deprecated_addresses (
     ifindex INTEGER NOT NULL,
     address TEXT NOT NULL,
     preferred_seconds INTEGER,
     valid_seconds INTEGER,
     PRIMARY KEY (ifindex, address)
   ) STRICT`,
];

/**
 * `store` must be durable when `run` returns, and nobody else may write to the journal meanwhile. What the store throws, the
 * journal throws. It is read once, so that a disk that fails later keeps nothing from being given back.
 */
export function createLifetimeJournal(store: Pick<Store, "all" | "run">): LifetimeJournal {
  let entries: readonly LivingAddress[] | undefined;
  const all = () => {
    entries ??= store
      .all("SELECT ifindex, address, preferred_seconds, valid_seconds FROM backhaul_deprecated_addresses")
      .map(livingOf);
    return entries;
  };
  const others = (own: OwnAddress) =>
    all().filter(({ ifindex, address }) => ifindex !== own.ifindex || address !== own.address);
  return {
    all,
    put(before) {
      const { ifindex, address, preferred, valid } = before;
      const after = [...others(before), before];
      store.run(
        `INSERT OR REPLACE INTO backhaul_deprecated_addresses (ifindex, address, preferred_seconds, valid_seconds)
         VALUES (?, ?, ?, ?)`,
        ifindex,
        address,
        secondsOf(preferred),
        secondsOf(valid),
      );
      entries = after;
    },
    remove(own) {
      const after = others(own);
      const { ifindex, address } = own;
      store.run("DELETE FROM backhaul_deprecated_addresses WHERE ifindex = ? AND address = ?", ifindex, address);
      entries = after;
    },
  };
}

function livingOf(row: StoreRow): LivingAddress {
  return {
    ifindex: Number(row["ifindex"]),
    address: ipAddress(String(row["address"])),
    preferred: lifetimeOf(row["preferred_seconds"]),
    valid: lifetimeOf(row["valid_seconds"]),
  };
}

function lifetimeOf(column: StoreRow[string] | undefined): Lifetime {
  return column === null || column === undefined ? "forever" : seconds(Number(column));
}

function secondsOf(lifetime: Lifetime): number | null {
  return lifetime === "forever" ? null : Math.floor(lifetime / 1_000);
}
