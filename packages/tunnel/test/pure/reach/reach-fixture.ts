/** A source's reach on a virtual clock: the test says what happens and how long nothing does, and reads what was done. */
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { AttemptId, DialFailure, Purpose } from "@ropewalk/tunnel/pure/reach/attempt";
import { deadlineOf, idleReach, step } from "@ropewalk/tunnel/pure/reach/reach";
import type {
  LaneLoss,
  LaneOutcome,
  ReachConfig,
  ReachEffect,
  ReachEvent,
  ReachState,
  Running,
} from "@ropewalk/tunnel/pure/reach/reach-state";
import type { Destination, Paths } from "@ropewalk/tunnel/pure/reach/way";
import type { RecoveryEvent } from "@ropewalk/tunnel/pure/recovery-event";

export const hub: Destination = "hub.example:8443" as Destination;
export const spare: Destination = "spare.example:8443" as Destination;

export const config: ReachConfig = {
  destinations: [hub],
  backoff: { first: millis(100), longest: seconds(30) },
  breaker: { failures: 5, window: seconds(60), cooldown: seconds(30) },
  refresh: seconds(3600),
  failoverAfter: seconds(10),
  attemptWithin: seconds(20),
};

/** An uplink's path; the number makes its addresses. */
export function path(name: string, number: number, family: PathBinding["family"] = "ipv4"): PathBinding {
  return {
    uplinkId: `id of ${name}` as UplinkId,
    name,
    ifindex: number,
    family,
    source: ipAddress(family === "ipv4" ? `192.0.2.${number}` : `2001:db8::${number}`),
    gateway: null,
    mark: number,
    mtu: bytes(1500),
    metered: null,
    state: "up",
    score: null,
  };
}

export const wire: PathBinding = path("wan0", 1);
export const radio: PathBinding = path("wwan0", 2);

export interface Dial {
  readonly at: Millis;
  readonly attempt: AttemptId;
  readonly purpose: Purpose;
  /** "hub.example:8443 wan0". */
  readonly way: string;
}

export class Reaching {
  config: ReachConfig;
  streams = 1;
  chance = 0;
  state: ReachState = idleReach;
  readonly dials: Dial[] = [];
  readonly told: RecoveryEvent[] = [];
  readonly abandoned: AttemptId[] = [];
  readonly adopted: AttemptId[] = [];
  #now = 0;

  constructor(changes: Partial<ReachConfig> = {}) {
    this.config = { ...config, ...changes };
  }

  get now(): Millis {
    return millis(this.#now);
  }

  get running(): Running {
    if (this.state.kind !== "running") throw new Error(`it is ${this.state.kind}`);
    return this.state;
  }

  get last(): Dial {
    const last = this.dials.at(-1);
    if (last === undefined) throw new Error("nothing was dialled");
    return last;
  }

  happen(event: ReachEvent): readonly ReachEffect[] {
    const moment = { now: this.now, chance: this.chance, streams: this.streams };
    const { state, effects } = step(this.state, event, moment, this.config);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  /** Lets time pass; timers fire on the way. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let due = deadlineOf(this.state); due !== undefined && due <= end; due = deadlineOf(this.state)) {
      if (due <= this.#now) throw new Error(`a timer is due at ${due}, and it is ${this.#now}`);
      this.#now = due;
      this.happen({ kind: "timer" });
    }
    this.#now = end;
  }

  /** As long as nothing would happen by itself. */
  passToDeadline(): void {
    this.pass((deadlineOf(this.state) ?? this.#now) - this.#now);
  }

  start(paths: Paths = "unmanaged"): void {
    this.happen({ kind: "started", paths });
  }

  up(attempt: AttemptId, outcome: LaneOutcome = { kind: "resumed", streams: this.streams, resent: 0 }): void {
    this.happen({ kind: "dialled", attempt, outcome });
  }

  fail(attempt: AttemptId, reason: DialFailure = "unreachable"): void {
    this.happen({ kind: "dial-failed", attempt, reason, detail: "as the test says" });
  }

  lose(why: LaneLoss = { kind: "closed", code: "ECONNRESET" }): void {
    const { lane } = this.running;
    if (lane === undefined) throw new Error("there is no lane to lose");
    this.happen({ kind: "lane-lost", attempt: lane.attempt, why });
  }

  paths(...paths: readonly PathBinding[]): void {
    this.happen({ kind: "connectivity", paths });
  }

  /** Started, and its first lane is there, a while ago. */
  static carrying(paths: Paths = "unmanaged", changes: Partial<ReachConfig> = {}): Reaching {
    const reaching = new Reaching(changes);
    reaching.start(paths);
    reaching.up(reaching.last.attempt, { kind: "started", lost: 0 });
    reaching.pass(5_000);
    return reaching;
  }

  /** What was told since the last time this was asked. */
  news(): readonly RecoveryEvent["kind"][] {
    return this.told.splice(0).map(({ kind }) => kind);
  }

  #perform(effect: ReachEffect): void {
    switch (effect.kind) {
      case "dial": {
        const { attempt, purpose, way } = effect;
        const name = way.path === undefined ? "" : ` ${way.path.name}`;
        this.dials.push({ at: this.now, attempt, purpose, way: `${way.destination}${name}` });
        break;
      }
      case "abandon":
        this.abandoned.push(effect.attempt);
        break;
      case "adopt":
        this.adopted.push(effect.attempt);
        break;
      case "tell":
        this.told.push(effect.event);
    }
  }
}
