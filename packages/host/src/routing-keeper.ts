/**
 * Makes the kernel's routes and rules what is wanted, and keeps them so: what somebody removes is put back at once, unless he
 * keeps removing it. It knows nothing of why anything is wanted, and touches nothing that does not bear our protocol number.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import type { NetworkFacts } from "./facts.ts";
import type { NetworkWatch, RoutingWriter, RuleWatch, WriteResult } from "./ports.ts";
import { askRepair, noRepairs, type RepairLimit } from "./pure/repair-limit.ts";
import { changesTo } from "./pure/routing-difference.ts";
import { familyOfChange, type RoutingChange, type WantedRoute, type WantedRouting } from "./routing.ts";

export interface KeeperDeps {
  readonly network: Pick<NetworkWatch, "catchUp"> & {
    readonly facts: Pick<NetworkFacts, "routes">;
    subscribe(listener: () => void): Disposable;
  };
  readonly rules: Pick<RuleWatch, "rules" | "subscribe" | "catchUp">;
  readonly writer: RoutingWriter;
  readonly clock: Clock;
  /** Called once for all that one look at the kernel led to; not when there was nothing to do. */
  readonly onReports: (reports: readonly KeeperReport[]) => void;
}

/**
 * One change that was made or tried. `repair`: nothing new was wanted, somebody had undone it; `retry`: the kernel had refused it,
 * or it waited for one that was refused. What is refused again in the same way is not told again.
 */
export interface KeeperReport {
  readonly change: RoutingChange;
  readonly cause: "wanted" | "repair" | "retry";
  readonly result: WriteResult | { readonly kind: "put-off" };
}

interface Attempt {
  /** When it must be tried again; undefined when it is done. */
  readonly until: number | undefined;
  /** Undefined when it was told before. */
  readonly report: KeeperReport | undefined;
}

/** Of one change; `errno` is undefined when it was not tried, because what it builds on was refused. */
interface Refusal {
  readonly errno: number | undefined;
  readonly retryAt: number;
}

/** Of one look at the kernel. */
interface Refusals {
  readonly changes: Map<string, Refusal>;
  /** Those that lack a route which was refused. */
  readonly tables: Set<string>;
}

/** Whatever stands in the way may go without a word. */
const retryRefused = 1_000;
const nothing: WantedRouting = { routes: [], rules: [] };

/** The caller disposes it, which leaves the kernel as it is. */
export class RoutingKeeper implements Disposable {
  readonly #deps: KeeperDeps;
  readonly #subscriptions: readonly Disposable[];
  #wanted: WantedRouting | undefined;
  #limit: RepairLimit = noRepairs;
  #putOff: ReadonlyMap<string, Family> = new Map();
  #refused: ReadonlyMap<string, Refusal> = new Map();
  #again: Timer | undefined;
  #isWorking = false;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    const repair = () => this.#work("repair");
    this.#subscriptions = [deps.network.subscribe(repair), deps.rules.subscribe(repair)];
  }

  /** Done, as far as the kernel allows, when this returns. */
  want(wanted: WantedRouting): void {
    this.#wanted = wanted;
    this.#work("wanted");
  }

  /** Takes all of ours out of the kernel. */
  purge(): void {
    this.want(nothing);
    this.#wanted = undefined;
  }

  /** What is wanted and is not so, because the kernel refuses or somebody else insists. */
  get unmet(): readonly string[] {
    return [...this.#putOff.keys()];
  }

  /** Whether anything of the family is not as wanted. */
  isUnmetIn(family: Family): boolean {
    return [...this.#putOff.values()].includes(family);
  }

  [Symbol.dispose](): void {
    this.#again?.[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #work(cause: "wanted" | "repair"): void {
    if (this.#wanted === undefined || this.#isWorking) return;
    this.#isWorking = true;
    try {
      const { network, rules } = this.#deps;
      // What we ourselves did is among the events that wait.
      network.catchUp();
      rules.catchUp();
      const putOff = new Map<string, Family>();
      const refusals: Refusals = { changes: new Map(), tables: new Set() };
      const reports: KeeperReport[] = [];
      let notBefore = Number.POSITIVE_INFINITY;
      for (const change of changesTo(this.#wanted, { routes: network.facts.routes, rules: rules.rules })) {
        const { until, report } = this.#perform(change, cause, refusals);
        if (report !== undefined) reports.push(report);
        if (until === undefined) continue;
        putOff.set(nameOf(change), familyOfChange(change));
        notBefore = Math.min(notBefore, until);
      }
      this.#putOff = putOff;
      this.#refused = refusals.changes;
      this.#schedule(notBefore);
      if (reports.length > 0) this.#deps.onReports(reports);
    } finally {
      this.#isWorking = false;
    }
  }

  #perform(change: RoutingChange, cause: "wanted" | "repair", refusals: Refusals): Attempt {
    const name = nameOf(change);
    const before = this.#refused.get(name);
    if (before !== undefined && cause === "repair") return this.#retry(change, before, refusals);
    if (cause === "repair") {
      const notBefore = this.#putOffUntil(name);
      if (notBefore !== undefined) {
        const report = { change, cause, result: { kind: "put-off" } } as const;
        return { until: notBefore, report: this.#putOff.has(name) ? undefined : report };
      }
    }
    return this.#write(change, cause, refusals);
  }

  /** Nobody is fought here, and so nothing is put off for long. */
  #retry(change: RoutingChange, before: Refusal, refusals: Refusals): Attempt {
    if (before.retryAt > this.#deps.clock.now()) {
      refusals.changes.set(nameOf(change), before);
      if ("route" in change) refusals.tables.add(tableOf(change.route));
      return { until: before.retryAt, report: undefined };
    }
    const { until, report } = this.#write(change, "retry", refusals);
    const isKnown = report?.result.kind === "refused" && report.result.errno === before.errno;
    return { until, report: isKnown ? undefined : report };
  }

  #write(change: RoutingChange, cause: KeeperReport["cause"], refusals: Refusals): Attempt {
    const { clock, writer } = this.#deps;
    const retryAt = clock.now() + retryRefused;
    if (change.kind === "add-route" && change.route.ways.length === 0 && refusals.tables.has(tableOf(change.route))) {
      // The end of a table that lacks its ways would stop traffic that else finds some way further on.
      refusals.changes.set(nameOf(change), { errno: undefined, retryAt });
      return { until: retryAt, report: undefined };
    }
    const result = writer.perform(change);
    const report = { change, cause, result };
    if (result.kind !== "refused") return { until: undefined, report };
    refusals.changes.set(nameOf(change), { errno: result.errno, retryAt });
    if ("route" in change) refusals.tables.add(tableOf(change.route));
    return { until: retryAt, report };
  }

  /** Undefined: it may be repaired now, and that is counted. */
  #putOffUntil(name: string): number | undefined {
    const { limit, notBefore } = askRepair(this.#limit, name, this.#deps.clock.now());
    this.#limit = limit;
    return notBefore;
  }

  #schedule(notBefore: number): void {
    this.#again?.[Symbol.dispose]();
    this.#again = undefined;
    if (!Number.isFinite(notBefore)) return;
    const { clock } = this.#deps;
    const delay = millis(Math.max(1, notBefore - clock.now()));
    this.#again = clock.after("routing repair", delay, () => this.#work("repair"));
  }
}

/** The same for whatever is done to one thing, so that adding and removing it count together. */
function nameOf(change: RoutingChange): string {
  if ("rule" in change) return `rule ${JSON.stringify(change.rule)}`;
  const { family, table, destination, metric } = change.route;
  return `${family} route ${destination.address}/${destination.length} metric ${metric} in table ${table}`;
}

function tableOf({ family, table }: WantedRoute): string {
  return `${family} ${table}`;
}
