/**
 * Keeps our table of nftables as it is wanted: nft runs when the table that is there is another, one run at a time, and
 * whoever asks meanwhile gets the outcome of what was wanted last. What somebody else does to the table is undone at once,
 * unless he goes on doing it. The table stays when this process ends.
 */
import { createHash } from "node:crypto";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { Listeners } from "@ropewalk/kernel/listeners";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { firewallTable } from "../allocations.ts";
import type { FirewallObject } from "../netlink/firewall-query.ts";
import type { NftOutcome, RunNft } from "../nft.ts";
import type { FirewallWatch } from "../ports.ts";
import type { FirewallChange } from "../pure/firewall-transaction.ts";
import { flowMarkRules, isMarkable, type MarkedUplink, removeTable, replaceTable } from "../pure/flow-mark-ruleset.ts";
import { askRepair, noRepairs, type RepairLimit } from "../pure/repair-limit.ts";

export type FlowMarksOutcome = NftOutcome | { readonly kind: "unchanged" };

/** What came of it that somebody had changed the table. `unchanged`: it was put back without us. */
export interface FlowMarksRepair {
  readonly change: FirewallChange;
  /** `put-off`: it was undone too often in a row, and will be again, later. */
  readonly outcome: FlowMarksOutcome | { readonly kind: "put-off" };
}

export interface FlowMarks extends AsyncDisposable {
  /**
   * Forwarded flows are marked by these uplinks and no others; without any there is no table, and nothing is watched. Those with
   * names that fit in no ruleset (`isMarkable`) are left out. What stands there is read anew each time. It never rejects.
   */
  want(uplinks: readonly MarkedUplink[]): Promise<FlowMarksOutcome>;
  /** Removes the table. */
  purge(): Promise<FlowMarksOutcome>;
  /** The listener must not throw. */
  subscribe(listener: (repair: FlowMarksRepair) => void): Disposable;
}

interface FlowMarksDeps {
  readonly run: RunNft;
  /** May throw when that cannot be told; it is then refused. */
  readonly isThere: (object: FirewallObject) => boolean;
  /** Follows the table; may throw as `isThere`. */
  readonly watch: (onChange: (change: FirewallChange) => void) => FirewallWatch;
  readonly clock: Clock;
}

/** A repair that nft refused is tried again so much later; longer than the limit needs for one more. */
const retryRefused = seconds(15);

/**
 * What nft is to be told for forwarded flows to be marked by these uplinks and no others; undefined when it is so already. Throws
 * what `isThere` throws.
 */
export function flowMarksScript(
  uplinks: readonly MarkedUplink[],
  isThere: FlowMarksDeps["isThere"],
): string | undefined {
  const markable = uplinks.filter(isMarkable);
  if (markable.length === 0) return isThere({ kind: "table", table: firewallTable }) ? removeTable : undefined;
  const rules = flowMarkRules(markable);
  const seal = sealOf(rules);
  const isCurrent = isThere({ kind: "chain", table: firewallTable, chain: seal });
  return isCurrent ? undefined : replaceTable(rules, seal);
}

/** Disposing of it waits for the run under way and changes nothing. */
export function createFlowMarks(deps: FlowMarksDeps): FlowMarks {
  return new TableOfMarks(deps);
}

class TableOfMarks implements FlowMarks {
  readonly #deps: FlowMarksDeps;
  readonly #listeners = new Listeners<[FlowMarksRepair]>();
  #latest: readonly MarkedUplink[] = [];
  #running: Promise<FlowMarksOutcome> | undefined;
  #watch: FirewallWatch | undefined;
  /** Of the table that is wanted; undefined when none is. */
  #seal: string | undefined;
  /** What somebody did to the table since it was made. */
  #damage: FirewallChange | undefined;
  /** What is being undone. */
  #repairing: FirewallChange | undefined;
  #limit: RepairLimit = noRepairs;
  #again: Timer | undefined;
  #isOpen = true;

  constructor(deps: FlowMarksDeps) {
    this.#deps = deps;
  }

  want(uplinks: readonly MarkedUplink[]): Promise<FlowMarksOutcome> {
    this.#latest = uplinks.filter(isMarkable);
    return this.#begin();
  }

  purge(): Promise<FlowMarksOutcome> {
    return this.want([]);
  }

  subscribe(listener: (repair: FlowMarksRepair) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#calm();
    await this.#running;
    this.#watch?.[Symbol.dispose]();
  }

  #begin(): Promise<FlowMarksOutcome> {
    this.#running ??= this.#bringLatest();
    return this.#running;
  }

  async #bringLatest(): Promise<FlowMarksOutcome> {
    for (;;) {
      const uplinks = this.#latest;
      const outcome = await this.#bring(uplinks);
      if (uplinks !== this.#latest) continue;
      this.#running = undefined;
      this.#settle(outcome);
      return outcome;
    }
  }

  async #bring(uplinks: readonly MarkedUplink[]): Promise<FlowMarksOutcome> {
    try {
      if (uplinks.length === 0) this.#lookAway();
      else this.#look(sealOf(flowMarkRules(uplinks)));
      // What somebody has changed bears our seal all the same.
      const script = flowMarksScript(uplinks, this.#damage === undefined ? this.#deps.isThere : () => false);
      return script === undefined ? { kind: "unchanged" } : await this.#run(script);
    } catch (error) {
      return { kind: "refused", detail: describeError(error) };
    }
  }

  async #run(script: string): Promise<NftOutcome> {
    const before = this.#damage;
    this.#damage = undefined;
    const outcome = await this.#deps.run(script);
    // What we ourselves did is among the events that wait, and what was done since is behind it.
    this.#watch?.catchUp();
    if (outcome.kind !== "done") this.#damage ??= before;
    return outcome;
  }

  #heard(change: FirewallChange): void {
    if (change.kind !== "made" || change.firstChain !== this.#seal) {
      this.#damage = change;
      if (this.#running === undefined) this.#repair(change);
      return;
    }
    this.#damage = undefined;
    if (this.#running !== undefined || this.#again === undefined) return;
    this.#calm();
    this.#listeners.emit({ change, outcome: { kind: "unchanged" } });
  }

  #repair(change: FirewallChange): void {
    if (!this.#isOpen || this.#again !== undefined) return;
    const now = this.#deps.clock.now();
    const { limit, notBefore } = askRepair(this.#limit, firewallTable, now);
    this.#limit = limit;
    if (notBefore === undefined) {
      this.#repairing = change;
      void this.#begin();
      return;
    }
    this.#repairIn(millis(Math.max(1, notBefore - now)), change);
    this.#listeners.emit({ change, outcome: { kind: "put-off" } });
  }

  #repairIn(delay: Millis, change: FirewallChange): void {
    this.#again?.[Symbol.dispose]();
    this.#again = this.#deps.clock.after("flow marks repair", delay, () => {
      this.#again = undefined;
      this.#repair(this.#damage ?? change);
    });
  }

  #settle(outcome: FlowMarksOutcome): void {
    const change = this.#repairing;
    this.#repairing = undefined;
    if (change !== undefined) this.#listeners.emit({ change, outcome });
    if (this.#damage === undefined) this.#calm();
    else if (outcome.kind === "refused" && this.#isOpen) this.#repairIn(retryRefused, this.#damage);
    else if (outcome.kind === "done") this.#repair(this.#damage);
  }

  /** Before it is asked what is there, so that nothing falls between. */
  #look(seal: string): void {
    this.#watch ??= this.#deps.watch((change) => this.#heard(change));
    this.#seal = seal;
  }

  #lookAway(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#seal = undefined;
    this.#damage = undefined;
    this.#repairing = undefined;
    this.#calm();
  }

  /** Nothing is put off any more. */
  #calm(): void {
    this.#again?.[Symbol.dispose]();
    this.#again = undefined;
  }
}

function sealOf(rules: string): string {
  return `as-${createHash("sha256").update(rules).digest("hex").slice(0, 16)}`;
}
