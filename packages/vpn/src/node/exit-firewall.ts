/**
 * The exit's table of nftables as it is wanted. One transaction runs at a time; what is asked for meanwhile is joined into the next, the later word
 * for an address in place of the earlier, so that what waits is never more than there are addresses.
 */
import { createHash } from "node:crypto";
import { vpnFirewallTable } from "@ropewalk/host/allocations";
import type { Nft, NftOutcome } from "@ropewalk/host/nft";
import type { Clock } from "@ropewalk/kernel/clock";
import { type DropCounts, dropCountsIn } from "./pure/drop-reasons.ts";
import {
  type ExitTable,
  exitTableLayout,
  removeExitTable,
  replaceExitTable,
  type Standing,
} from "./pure/exit-table.ts";
import { changeLeases, fillLeases, type Lease, type LeaseChange } from "./pure/lease-elements.ts";
import { listLeases, parseLeases } from "./pure/listed-leases.ts";

/** What one transaction does. */
interface Batch {
  /** What becomes of the table before the leases are changed. */
  table:
    | { readonly kind: "stays" }
    | { readonly kind: "replaced"; readonly by: ExitTable }
    | { readonly kind: "removed" };
  /** By tunnel and address. */
  readonly changes: Map<string, LeaseChange>;
  readonly outcome: Promise<NftOutcome>;
}

/** It keeps nothing on the machine alive: the table stays when this process ends, and its leases run out by themselves. */
export class ExitFirewall {
  readonly #nft: Nft;
  readonly #clock: Clock;
  #waiting: Batch | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `nft` is the caller's to dispose of. */
  constructor(nft: Nft, clock: Clock) {
    this.#nft = nft;
    this.#clock = clock;
  }

  /**
   * Makes the table anew with these leases and no others, whatever stood there before; flows of leases that last go on. Where the table had
   * this layout already nothing slips through meanwhile, and its counters go on; otherwise they begin at zero.
   */
  replace(by: ExitTable, leases: readonly Lease[]): Promise<NftOutcome> {
    const batch = this.#join();
    batch.table = { kind: "replaced", by };
    batch.changes.clear();
    return this.#change(batch, leases);
  }

  /** Grants, prolongs, shortens and ends leases, as each says. Refused, and nothing done of it, when there is no table; what is refused is tried twice. */
  async change(changes: readonly LeaseChange[]): Promise<NftOutcome> {
    const batch = this.#join();
    if (batch.table.kind === "removed") return { kind: "refused", detail: "the table of the exit is being removed" };
    return this.#change(batch, changes);
  }

  /** Removes the table and with it every lease. Nothing is translated or protected from then on. */
  purge(): Promise<NftOutcome> {
    const batch = this.#join();
    batch.table = { kind: "removed" };
    batch.changes.clear();
    return batch.outcome;
  }

  /** Since the table was made. Undefined when it is not there, or the kernel does not tell. */
  dropCounts(): DropCounts | undefined {
    return dropCountsIn(this.#nft.counts(vpnFirewallTable));
  }

  /** As the kernel has them, to the second below. Undefined when there is no table, or nft does not tell. */
  async leases(): Promise<readonly Lease[] | undefined> {
    const found: Lease[] = [];
    for (const command of listLeases) {
      const now = this.#clock.now();
      const listing = await this.#nft.list(command);
      const leases = listing.kind === "listed" ? parseLeases(listing.json, now) : undefined;
      if (leases === undefined) return undefined;
      found.push(...leases);
    }
    return found;
  }

  #change(batch: Batch, changes: readonly LeaseChange[]): Promise<NftOutcome> {
    for (const change of changes) batch.changes.set(`${change.tunnel} ${change.address}`, change);
    return batch.outcome;
  }

  #join(): Batch {
    this.#waiting ??= this.#begin();
    return this.#waiting;
  }

  #begin(): Batch {
    const outcome = this.#last.then(() => {
      this.#waiting = undefined;
      return this.#perform(batch);
    });
    const batch: Batch = { table: { kind: "stays" }, changes: new Map(), outcome };
    // A batch that could not be written fails those who wait for it, and nobody behind them.
    this.#last = outcome.catch(() => {});
    return batch;
  }

  async #perform({ table, changes }: Batch): Promise<NftOutcome> {
    switch (table.kind) {
      case "stays": {
        const change = () => this.#nft.run(changeLeases([...changes.values()], this.#clock.now()));
        const outcome = await change();
        // For a moment the kernel is clearing away what has run out, and takes nothing in its place (EBUSY).
        return outcome.kind === "refused" ? change() : outcome;
      }
      case "replaced": {
        const leases = [...changes.values()].filter(isLease);
        const replace = (standing: Standing) =>
          this.#nft.run(replaceExitTable(table.by, standing, seal, fillLeases(leases, this.#clock.now())));
        if (!this.#nft.hasChain(vpnFirewallTable, seal)) return replace("other");
        const filled = await replace("same-layout");
        // Somebody has taken from it what its seal promises.
        return filled.kind === "refused" ? replace("other") : filled;
      }
      case "removed":
        return this.#nft.run(removeExitTable);
    }
  }
}

const seal = `layout-${createHash("sha256").update(exitTableLayout).digest("hex").slice(0, 16)}`;

function isLease(change: LeaseChange): change is Lease {
  return change.endsAt !== undefined;
}
