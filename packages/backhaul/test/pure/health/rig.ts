/** Paths under the real monitor and a virtual clock, on lines that the test bends: no packets, just who answers and when. */
import { backhaulSection } from "@ropewalk/backhaul/config";
import type { HealthConfig } from "@ropewalk/backhaul/pure/health/health-config";
import {
  follow,
  type HealthState,
  type HealthStep,
  noHealth,
  outcome,
  tick,
  traffic,
} from "@ropewalk/backhaul/pure/health/monitor";
import type { PathSubject } from "@ropewalk/backhaul/pure/health/path-health";
import {
  type PathKey,
  type ProbeQuestion,
  type ProbeRequest,
  type ProbeResult,
  pathKey,
} from "@ropewalk/backhaul/pure/health/probe";
import type { TrafficCounts } from "@ropewalk/backhaul/pure/state";
import type { ProbeProfileName } from "@ropewalk/backhaul/status";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, type Millis, millis } from "@ropewalk/kernel/units";

/** What becomes of one question asked at `at`; undefined: nothing ever does. */
export type Line = (
  question: ProbeQuestion,
  at: number,
) => { readonly after: number; readonly result: ProbeResult } | undefined;

export const ip = (text: string): IpAddress => text as IpAddress;
export const wan0 = "wan0" as UplinkId;
export const key: PathKey = pathKey(wan0, "ipv4");

/** A network in which everything is well, `rtt` away. */
export function good(rtt = 10): Line {
  return (question) => ({ after: rtt, result: rightAnswer(question, rtt) });
}

export function rightAnswer(question: ProbeQuestion, rtt: number): ProbeResult {
  if (question.kind !== "dns") return { kind: "answered", rtt: millis(rtt) };
  return { kind: "resolved", rtt: millis(rtt), rcode: 0, addresses: [ip("8.8.8.8")] };
}

/** Nothing at all comes back; what has an end of its own ends in silence. */
export const dead: Line = (question) =>
  question.kind === "echo" ? undefined : { after: 4_000, result: { kind: "silent" } };

export function subject(overrides: Partial<PathSubject> & { readonly name?: string } = {}): PathSubject {
  const { name = "wan0", ...rest } = overrides;
  const path = {
    uplinkId: name as UplinkId,
    name,
    ifindex: 2,
    family: "ipv4",
    source: ip("198.18.0.2"),
    gateway: ip("198.18.0.1"),
    mark: 0x100,
    mtu: bytes(1_500),
  } as const;
  return { path, kind: "ethernet", profile: "normal", resolvers: [ip("192.0.2.53")], ...rest };
}

export function healthConfig(tables: object = {}): HealthConfig {
  return backhaulSection.schema.parse(tables);
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Rig {
  state: HealthState = noHealth;
  now = 1_000;
  line: Line = good();
  counts: TrafficCounts | undefined;
  readonly asked: { readonly at: number; readonly request: ProbeRequest }[] = [];
  /** Every state of the path, with when it came. */
  readonly states: { readonly at: number; readonly state: string; readonly code: string }[] = [];
  readonly #config: HealthConfig;
  readonly #queue: Due[] = [];
  #order = 0;
  /** Nothing runs before then: the process is stopped. */
  #stoppedUntil = 0;

  constructor(profile: ProbeProfileName = "normal", config: HealthConfig = healthConfig()) {
    this.#config = config;
    this.follow(subject({ profile }));
  }

  follow(...subjects: readonly PathSubject[]): void {
    this.#take(follow(this.state, subjects, this.#at, this.#config, false));
  }

  /** Lets time pass. */
  run(duration: number): this {
    const end = this.now + duration;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next > end) break;
      this.now = Math.max(this.now, next);
      this.#fire();
    }
    this.now = end;
    return this;
  }

  /** The process is stopped for so long; replies wait in the sockets, and come before timers when it runs again. */
  stop(duration: number): this {
    this.#stoppedUntil = this.now + duration;
    return this.run(duration);
  }

  runUntil(isReached: (rig: this) => boolean, limit: number): number {
    const start = this.now;
    while (!isReached(this) && this.now - start < limit) this.run(1);
    return this.now - start;
  }

  get verdict() {
    const verdict = this.state.verdicts.get(key);
    if (verdict === undefined) throw new Error("there is no such path");
    return verdict;
  }

  get code(): string {
    return this.verdict.reason.code;
  }

  get health() {
    const health = this.state.paths.get(key);
    if (health === undefined) throw new Error("there is no such path");
    return health;
  }

  get #at(): Millis {
    return millis(this.now);
  }

  #next(): number | undefined {
    const wake = this.state.wakeAt;
    const first = this.#queue.reduce<number | undefined>((least, due) => Math.min(least ?? due.at, due.at), undefined);
    const next = wake === undefined ? first : Math.min(wake, first ?? wake);
    return next === undefined ? undefined : Math.max(next, this.#stoppedUntil, this.now);
  }

  #fire(): void {
    const ready = this.#queue.filter((due) => due.at <= this.now).sort((a, b) => a.at - b.at || a.order - b.order);
    for (const due of ready) {
      this.#queue.splice(this.#queue.indexOf(due), 1);
      due.run();
    }
    const { wakeAt } = this.state;
    if (wakeAt !== undefined && wakeAt <= this.now) this.#take(tick(this.state, this.#at, this.#config));
  }

  #take({ health, effects }: HealthStep): void {
    this.state = health;
    const verdict = health.verdicts.get(key);
    const last = this.states.at(-1);
    if (verdict !== undefined && (last?.state !== verdict.state || last.code !== verdict.reason.code)) {
      this.states.push({ at: this.now, state: verdict.state, code: verdict.reason.code });
    }
    for (const effect of effects) {
      if (effect.kind === "probe") this.#ask(effect.request);
      if (effect.kind === "read-traffic") this.#readTraffic(effect.ifindexes);
    }
  }

  #ask(request: ProbeRequest): void {
    this.asked.push({ at: this.now, request });
    const answer = this.line(request.question, this.now);
    if (answer === undefined) return;
    const sentAt = this.now;
    this.#order += 1;
    const run = () => {
      // As the prober does: the time is measured when the reply is read.
      const result = "rtt" in answer.result ? { ...answer.result, rtt: millis(this.now - sentAt) } : answer.result;
      const probed = { id: request.id, result, traffic: { sent: 0, received: 0 } };
      this.#take(outcome(this.state, probed, this.#at, this.#config));
    };
    this.#queue.push({ at: this.now + answer.after, order: this.#order, run });
  }

  #readTraffic(ifindexes: readonly number[]): void {
    const { counts } = this;
    const read = new Map(counts === undefined ? [] : ifindexes.map((ifindex) => [ifindex, counts] as const));
    this.#take(traffic(this.state, read, this.#at, this.#config));
  }
}
