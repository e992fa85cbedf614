/**
 * Makes the kernel's routes and rules what is wanted, and keeps them so: what somebody removes is put back at once, unless he
 * keeps removing it. It knows nothing of why anything is wanted, and touches nothing that does not bear our protocol number.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import type { NetworkFacts } from "./facts.ts";
import type { NetworkWatch, RoutingWriter, RuleWatch, WriteResult } from "./ports.ts";
import { askRepair, noRepairs, type RepairLimit } from "./pure/repair-limit.ts";
import { changesTo } from "./pure/routing-difference.ts";
import type { RoutingChange, WantedRouting } from "./routing.ts";

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

/** One change that was made or tried. `repair`: nothing new was wanted, somebody had undone it. */
export interface KeeperReport {
  readonly change: RoutingChange;
  readonly cause: "wanted" | "repair";
  readonly result: WriteResult | { readonly kind: "put-off" };
}

interface Attempt {
  /** When it must be tried again; undefined when it is done. */
  readonly until: number | undefined;
  /** Undefined when it was told before. */
  readonly report: KeeperReport | undefined;
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
  #putOff = new Set<string>();
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
    return [...this.#putOff];
  }

  [Symbol.dispose](): void {
    this.#again?.[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #work(cause: KeeperReport["cause"]): void {
    if (this.#wanted === undefined || this.#isWorking) return;
    this.#isWorking = true;
    try {
      const { network, rules } = this.#deps;
      // What we ourselves did is among the events that wait.
      network.catchUp();
      rules.catchUp();
      const putOff = new Set<string>();
      const reports: KeeperReport[] = [];
      let notBefore = Number.POSITIVE_INFINITY;
      for (const change of changesTo(this.#wanted, { routes: network.facts.routes, rules: rules.rules })) {
        const { until, report } = this.#perform(change, cause);
        if (report !== undefined) reports.push(report);
        if (until === undefined) continue;
        putOff.add(nameOf(change));
        notBefore = Math.min(notBefore, until);
      }
      this.#putOff = putOff;
      this.#schedule(notBefore);
      if (reports.length > 0) this.#deps.onReports(reports);
    } finally {
      this.#isWorking = false;
    }
  }

  #perform(change: RoutingChange, cause: KeeperReport["cause"]): Attempt {
    const { clock, writer } = this.#deps;
    if (cause === "repair") {
      const name = nameOf(change);
      const { limit, notBefore } = askRepair(this.#limit, name, clock.now());
      this.#limit = limit;
      if (notBefore !== undefined) {
        const report = { change, cause, result: { kind: "put-off" } } as const;
        return { until: notBefore, report: this.#putOff.has(name) ? undefined : report };
      }
    }
    const result = writer.perform(change);
    const until = result.kind === "refused" ? clock.now() + retryRefused : undefined;
    return { until, report: { change, cause, result } };
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
