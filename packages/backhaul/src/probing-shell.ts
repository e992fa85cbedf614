/**
 * The part of the shell that measures: it hands questions to the prober, wakes the machine when it wants to be, and reads
 * counters for it. It decides nothing.
 */
import type { LinkCounters } from "@ropewalk/host/facts";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { HealthCounts } from "./health-counts.ts";
import type { OnOutcome, ProbeRunner } from "./io/probes/probe-runner.ts";
import type { ProbeOutcome, ProbePath, ProbeRequest } from "./pure/health/probe.ts";
import type { BackhaulInput, TrafficCounts } from "./pure/state.ts";

export interface ProbingShellDeps {
  readonly clock: Clock;
  readonly probes: (onOutcome: OnOutcome) => ProbeRunner;
  readonly counters: () => ReadonlyMap<number, LinkCounters>;
  readonly counts: HealthCounts;
  readonly feed: (input: BackhaulInput) => void;
}

export class ProbingShell implements AsyncDisposable {
  readonly #deps: ProbingShellDeps;
  readonly #runner: ProbeRunner;
  #waking: Timer | undefined;
  #isClosed = false;

  constructor(deps: ProbingShellDeps) {
    this.#deps = deps;
    this.#runner = deps.probes((outcome) => this.#hear(outcome));
  }

  probe(request: ProbeRequest): void {
    if (this.#isClosed) return;
    this.#deps.counts.asked(request, this.#deps.clock.now());
    this.#runner.run(request);
  }

  follow(paths: readonly ProbePath[]): void {
    if (!this.#isClosed) this.#runner.follow(paths);
  }

  /** One tick at `at`, and none that was wanted before. */
  wake(at: Millis | undefined): void {
    this.#waking?.[Symbol.dispose]();
    this.#waking = undefined;
    if (at === undefined || this.#isClosed) return;
    const { clock, feed } = this.#deps;
    this.#waking = clock.after("backhaul probes", millis(Math.max(0, at - clock.now())), () => {
      this.#waking = undefined;
      feed({ kind: "tick", at: clock.now(), due: at });
    });
  }

  /** Answered before the call that wanted it returns. */
  readTraffic(ifindexes: readonly number[]): void {
    const { clock, counters, feed } = this.#deps;
    const all = counters();
    const counts = new Map<number, TrafficCounts>();
    for (const ifindex of ifindexes) {
      const own = all.get(ifindex);
      if (own === undefined) continue;
      const { receivedBytes, receivedPackets, sentPackets } = own;
      counts.set(ifindex, { receivedBytes, receivedPackets, sentPackets });
    }
    feed({ kind: "traffic", at: clock.now(), counts });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.wake(undefined);
    await this.#runner[Symbol.asyncDispose]();
  }

  #hear(outcome: ProbeOutcome): void {
    if (this.#isClosed) return;
    this.#deps.counts.answered(outcome);
    this.#deps.feed({ kind: "probed", at: this.#deps.clock.now(), outcome });
  }
}
