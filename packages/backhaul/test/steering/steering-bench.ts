/** The wheel on a machine in memory: what it sees is what a test shows, and it starts again and again on the same machine and store. */
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import type { BackhaulState } from "@ropewalk/backhaul/pure/state";
import type { SteeringConfig } from "@ropewalk/backhaul/pure/steering/steering-config";
import { lifetimeJournalMigrations } from "@ropewalk/backhaul/steering/lifetime-journal";
import { settingJournalMigrations } from "@ropewalk/backhaul/steering/setting-journal";
import { StandingMemory, standingMemoryMigrations } from "@ropewalk/backhaul/steering/standing-memory";
import { createSteering, type SteeringService } from "@ropewalk/backhaul/steering/steering";
import type { SteeringEvent } from "@ropewalk/backhaul/steering-event";
import type { RuleFacts } from "@ropewalk/host/facts";
import { Listeners } from "@ropewalk/kernel/listeners";
import { millis, seconds } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { openStore, type Store } from "@ropewalk/ops/store";
import type { Decisions } from "../pure/steering/uplink-fixture.ts";
import { FakeMachine } from "./fake-machine.ts";

export const onTrial: SteeringConfig = {
  monitorOnly: false,
  executeCommands: true,
  confirmWithin: seconds(60),
  drainGrace: seconds(30),
  uplink: [],
};
export const unasked: SteeringConfig = { ...onTrial, confirmWithin: millis(0) };

/** What a backhaul that sees these uplinks, and has decided so, would tell. */
export function stateOf(machine: FakeMachine, uplinks: readonly SlottedUplink[], decisions: Decisions): BackhaulState {
  const seen = uplinks.map(({ slot, status }) => ({ slot, status, profile: "fast" as const }));
  return {
    ...initialState,
    network: machine.network.facts,
    seen: { ...initialState.seen, uplinks: seen },
    picture: { ...initialState.picture, uplinks: uplinks.map(({ status }) => status), decisions },
  };
}

export class SteeringBench {
  readonly machine: FakeMachine = new FakeMachine();
  readonly events: SteeringEvent[] = [];
  readonly lines: string[] = [];
  lack: string | undefined;
  /** What opening the hands says. */
  handsFault: string | undefined;
  readRules: () => readonly RuleFacts[] = () => this.machine.present.rules;
  /** Called before each statement, and may throw as a broken disk would. */
  onStatement: (sql: string) => void = () => {};
  #health = new HealthRegistry({ clock: this.machine.clock });
  #state: BackhaulState = initialState;
  readonly #observers = new Listeners<[BackhaulState]>();
  readonly #store = openStore(":memory:", {
    migrations: [...settingJournalMigrations, ...lifetimeJournalMigrations, ...standingMemoryMigrations],
    clock: this.machine.clock,
  }).store;

  async start(config: SteeringConfig): Promise<SteeringService> {
    const { machine, lines, lack } = this;
    const { clock, network } = machine;
    this.#health = new HealthRegistry({ clock });
    const destination = { write: (line: string) => void lines.push(line) };
    const state = () => this.#state;
    const steering = await createSteering(config, {
      view: {
        get state() {
          return state();
        },
        observe: (listener) => this.#observers.add(listener),
      },
      ...{ network, clock, lack, health: this.#health, store: this.store, metrics: createMetrics() },
      reader: { ...machine.planReader, rules: () => this.readRules() },
      openHands: () => {
        if (this.handsFault !== undefined) throw new Error(this.handsFault);
        return machine.hands;
      },
      log: createLog({ level: "debug", format: "json", destination, clock }),
    });
    steering.subscribe((event) => this.events.push(event));
    return steering;
  }

  get store(): Pick<Store, "all" | "run"> {
    return {
      all: (sql, ...parameters) => {
        this.onStatement(sql);
        return this.#store.all(sql, ...parameters);
      },
      run: (sql, ...parameters) => {
        this.onStatement(sql);
        return this.#store.run(sql, ...parameters);
      },
    };
  }

  get memory(): StandingMemory {
    return new StandingMemory(this.#store);
  }

  get health(): string {
    const steering = this.#health.snapshot().subsystems.find(({ name }) => name === "steering");
    return `${steering?.state}: ${steering?.reason ?? "all is well"}`;
  }

  /** The backhaul sees this now, and has told. */
  show(uplinks: readonly SlottedUplink[], decisions: Decisions): void {
    this.#state = stateOf(this.machine, uplinks, decisions);
    this.#observers.emit(this.#state);
  }

  /** What was done since the last call. */
  taken(): readonly string[] {
    return this.events.splice(0).map(({ action, family }) => (family === null ? action : `${action} ${family}`));
  }
}
