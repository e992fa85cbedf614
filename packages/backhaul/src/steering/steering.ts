/**
 * The wheel: who has it, how it is taken, confirmed and given back, and what the driver does while it is held. Nothing is torn
 * down when this ends: the kernel goes on as it was told, and the next start takes over what it finds.
 */
import type { NetworkWatch } from "@ropewalk/host/ports";
import type { SettingJournal } from "@ropewalk/host/settings";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";
import type { HealthRegistry } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Store } from "@ropewalk/ops/store";
import type { BackhaulState } from "../pure/state.ts";
import {
  isActing,
  type Kept,
  type Standing,
  settled,
  standingAtStart,
  standingFor,
  taken,
} from "../pure/steering/standing.ts";
import type { SteeringConfig } from "../pure/steering/steering-config.ts";
import type { SteeringPlan } from "../pure/steering/steering-plan.ts";
import type { SteeringAction, SteeringEvent } from "../steering-event.ts";
import { event } from "./accounts.ts";
import { Driver } from "./driver.ts";
import { DryRun } from "./dry-run.ts";
import type { Hands, HandsListeners } from "./hands.ts";
import { createLifetimeJournal } from "./lifetime-journal.ts";
import { type PlanReader, planNow } from "./plan-reader.ts";
import { createSettingJournal } from "./setting-journal.ts";
import { StandingMemory } from "./standing-memory.ts";
import { SteeringHealth } from "./steering-health.ts";
import { registerSteeringMetrics } from "./steering-metrics.ts";
import { SteeringRecord } from "./steering-record.ts";
import type { SteeringOutcome, SteeringStatus } from "./steering-status.ts";

/** All are the caller's: they must outlive the steering, and it disposes of none. */
export interface SteeringDeps {
  /** Where traffic should go. `observe` tells of every new state, at once and before anybody else hears of it. */
  readonly view: {
    readonly state: BackhaulState;
    observe(listener: (state: BackhaulState) => void): Disposable;
  };
  readonly network: NetworkWatch;
  readonly reader: PlanReader;
  readonly store: Pick<Store, "all" | "run">;
  /** What this process lacks to change the machine; undefined when it lacks nothing. */
  readonly lack: string | undefined;
  /** Opens what changes the machine; throws when that cannot be had. */
  readonly openHands: (listeners: HandsListeners) => Hands;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
}

export interface SteeringService extends AsyncDisposable {
  readonly status: SteeringStatus;
  /** What would have to change for traffic to go as was decided; nothing of it is done. Throws HOST_NETLINK when the kernel does not tell. */
  plan(): SteeringPlan;
  /** None of the three rejects. */
  take(): Promise<SteeringOutcome>;
  confirm(): Promise<SteeringOutcome>;
  /** Takes everything of ours out of the kernel, gives back what was changed, and waits until somebody takes the wheel again. */
  purge(): Promise<SteeringOutcome>;
  /** A listener that throws is logged. */
  subscribe(listener: (event: SteeringEvent) => void): Disposable;
  reconfigure(config: SteeringConfig): void;
}

/** Ends what an earlier run left half done, and takes the wheel when it was given before. */
export async function createSteering(config: SteeringConfig, deps: SteeringDeps): Promise<SteeringService> {
  const steering = new Steering(config, deps);
  await steering.start();
  return steering;
}

const done: SteeringOutcome = { kind: "done" };

class Steering implements SteeringService {
  readonly #deps: SteeringDeps;
  readonly #memory: StandingMemory;
  readonly #journal: SettingJournal;
  readonly #health: SteeringHealth;
  readonly #dryRun: DryRun;
  readonly #record: SteeringRecord;
  #config: SteeringConfig;
  #standing: Standing = { kind: "watching" };
  #observing: Disposable | undefined;
  #driving: { readonly hands: Hands; readonly driver: Driver } | undefined;
  #confirmation: Timer | undefined;
  #isSweeping = false;

  constructor(config: SteeringConfig, deps: SteeringDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#memory = new StandingMemory(deps.store);
    this.#journal = createSettingJournal(deps.store);
    this.#health = new SteeringHealth(deps);
    this.#dryRun = new DryRun({ ...deps, plan: () => this.plan(), nameOf: this.#nameOf });
    this.#record = new SteeringRecord(deps);
    registerSteeringMetrics(deps.metrics, this);
  }

  get status(): SteeringStatus {
    const { clock } = this.#deps;
    const standing = this.#standing;
    const confirmBy = standing.kind === "trial" ? clock.wall() + (standing.confirmBy - clock.now()) : null;
    return { standing, confirmBy, unmet: this.#driving?.driver.unmet ?? [] };
  }

  async start(): Promise<void> {
    const kept = this.#memory.load();
    const { standing, mustPurge } = standingAtStart(kept, this.#config);
    if (mustPurge && (await this.#sweep())) {
      this.#memory.save(settled(kept));
      this.#say("given-back", "an earlier run had begun it, and nobody had confirmed");
    }
    this.#enter(standing);
  }

  plan(): SteeringPlan {
    const ground = { changed: this.#journal.all(), entries: this.#config.uplink };
    return planNow(this.#deps.view.state, ground, this.#deps.reader, this.#driving?.hands);
  }

  async take(): Promise<SteeringOutcome> {
    if (this.#isSweeping)
      return { kind: "refused", reason: "everything is being given back; take the wheel when that is done" };
    const standing = taken(this.#standing, this.#config, this.#deps.clock.now());
    const reason = typeof standing === "string" ? standing : this.#deps.lack;
    if (typeof standing === "string" || reason !== undefined) return { kind: "refused", reason: reason ?? "" };
    return this.#guarded(async () => {
      const before = { standing: this.#standing, kept: this.#memory.load() };
      this.#memory.save(standing.kind === "trial" ? "trial" : "confirmed");
      try {
        this.#enter(standing);
      } catch (error) {
        this.#enter(before.standing);
        this.#memory.save(before.kept);
        throw error;
      }
      this.#say("taken", "the operator gave Ropewalk the wheel");
    });
  }

  async confirm(): Promise<SteeringOutcome> {
    if (this.#standing.kind !== "trial" || this.#isSweeping)
      return { kind: "refused", reason: "nothing waits for a confirmation" };
    return this.#guarded(async () => {
      this.#memory.save("confirmed");
      this.#enter({ kind: "steering" });
      this.#say("confirmed", "the operator confirmed");
    });
  }

  async purge(): Promise<SteeringOutcome> {
    return this.#giveBack("purged", "the operator took the wheel back");
  }

  subscribe(listener: (event: SteeringEvent) => void): Disposable {
    return this.#record.subscribe(listener);
  }

  reconfigure(config: SteeringConfig): void {
    this.#config = config;
    if (this.#isSweeping) return;
    if (this.#standing.kind !== "trial") this.#enter(standingFor(settled(this.#memory.load()), config));
    else if (config.monitorOnly || !config.executeCommands) {
      void this.#giveBack("unconfirmed", "the configuration has ended the trial");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#confirmation?.[Symbol.dispose]();
    this.#dryRun[Symbol.dispose]();
    await this.#letGo();
    this.#health[Symbol.dispose]();
  }

  #enter(standing: Standing): void {
    this.#standing = standing;
    this.#confirmation?.[Symbol.dispose]();
    this.#confirmation = undefined;
    this.#dryRun.follow(standing);
    if (!isActing(standing)) void this.#letGo();
    else if (this.#driving === undefined && this.#deps.lack === undefined) this.#drive();
    else this.#driving?.driver.follow(this.#deps.view.state);
    if (standing.kind === "trial") {
      const left = millis(standing.confirmBy - this.#deps.clock.now());
      this.#confirmation = this.#deps.clock.after("steering confirmation", left, () => {
        void this.#giveBack("unconfirmed", "nobody confirmed in time");
      });
    }
    this.#reportHealth();
  }

  #drive(): void {
    const { view } = this.#deps;
    const driving = this.#open();
    this.#driving = driving;
    driving.driver.follow(view.state);
    this.#observing = view.observe((state) => {
      driving.driver.follow(state);
      this.#reportHealth();
    });
  }

  #open(): { readonly hands: Hands; readonly driver: Driver } {
    const { network, clock } = this.#deps;
    const hands = this.#deps.openHands({
      onNames: (told) => driver.heard(told),
      onLease: (told) => driver.leased(told),
    });
    const driver: Driver = new Driver(hands, {
      network,
      clock,
      journal: this.#journal,
      lifetimeJournal: createLifetimeJournal(this.#deps.store),
      nameOf: this.#nameOf,
      config: () => this.#config,
      onEvent: (told) => {
        this.#record.tell(told);
        this.#reportHealth();
      },
    });
    return { hands, driver };
  }

  /** From here on nothing is changed any more; what still runs is waited for. */
  async #letGo(): Promise<void> {
    const driving = this.#driving;
    this.#driving = undefined;
    this.#observing?.[Symbol.dispose]();
    this.#observing = undefined;
    driving?.driver[Symbol.dispose]();
    await driving?.hands[Symbol.asyncDispose]();
  }

  /**
   * What is to be kept is on the disk before the first change, so that a crash is followed by the rest. A disk that fails keeps
   * nobody from being let in again.
   */
  #giveBack(kept: Extract<Kept, "purged" | "unconfirmed">, cause: string): Promise<SteeringOutcome> {
    return this.#guarded(async () => {
      if (this.#isSweeping) throw new Error("everything is being given back already");
      this.#memory.trySave("purging");
      const isClean = await this.#sweep();
      const fault = isClean ? this.#memory.trySave(kept) : undefined;
      this.#enter(standingFor(kept, this.#config));
      this.#say("given-back", cause);
      if (!isClean) throw new Error("not everything could be taken out of the kernel; the events say what was refused");
      if (fault !== undefined)
        throw new Error(`everything is given back, but the next start will not know it: ${fault}`);
    });
  }

  async #sweep(): Promise<boolean> {
    this.#isSweeping = true;
    try {
      this.#observing?.[Symbol.dispose]();
      this.#driving ??= this.#open();
      return await this.#driving.driver.purge();
    } finally {
      await this.#letGo();
      this.#isSweeping = false;
    }
  }

  async #guarded(work: () => Promise<void>): Promise<SteeringOutcome> {
    try {
      await work();
      return done;
    } catch (error) {
      return { kind: "refused", reason: describeError(error) };
    } finally {
      this.#reportHealth();
    }
  }

  #say(action: SteeringAction, cause: string): void {
    this.#record.tell({ ...event(action, null, null, cause), at: this.#deps.clock.now() });
  }

  #reportHealth(): void {
    this.#health.report(this.status);
  }

  readonly #nameOf = (ifindex: number): string =>
    this.#deps.view.state.network?.links.get(ifindex)?.name ?? `if${ifindex}`;
}
