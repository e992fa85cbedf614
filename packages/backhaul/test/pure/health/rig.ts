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

export function subject(
  overrides: Partial<PathSubject> & { readonly name?: string; readonly slot?: number } = {},
): PathSubject {
  const { name = "wan0", slot = 1, ...rest } = overrides;
  const path = {
    uplinkId: name as UplinkId,
    name,
    ifindex: slot + 1,
    family: "ipv4",
    source: ip("198.18.0.2"),
    gateway: ip("198.18.0.1"),
    mark: slot << 8,
    mtu: bytes(1_500),
  } as const;
  return { path, kind: "ethernet", profile: "normal", resolvers: [ip("192.0.2.53")], ...rest };
}

export function healthConfig(tables: object = {}): HealthConfig {
  return backhaulSection.schema.parse(tables);
}

interface Reply {
  readonly at: number;
  readonly come: () => void;
}

/** So many ticks in a second that asked nothing and told nothing are no schedule. */
const idleTicksAllowed = 60;

export class Rig {
  state: HealthState = noHealth;
  now = 1_000;
  line: Line = good();
  /** Of interfaces that have one of their own. */
  readonly lines: Map<string, Line> = new Map();
  counts: TrafficCounts | undefined;
  ticks = 0;
  readonly asked: { readonly at: number; readonly request: ProbeRequest }[] = [];
  /** Every state of the path, with when it came. */
  readonly states: { readonly at: number; readonly state: string; readonly code: string }[] = [];
  #config: HealthConfig;
  /** In the order in which they come. */
  readonly #replies: Reply[] = [];
  /** Nothing runs before then: the process is stopped. */
  #stoppedUntil = 0;
  #idle = { second: 0, ticks: 0 };

  constructor(profile: ProbeProfileName = "normal", config: HealthConfig = healthConfig()) {
    this.#config = config;
    this.follow(subject({ profile }));
  }

  follow(...subjects: readonly PathSubject[]): void {
    this.#take(follow(this.state, subjects, this.#at, this.#config, false));
  }

  /** The probes are configured otherwise now. */
  reconfigure(config: HealthConfig): void {
    this.#config = config;
    this.#take(follow(this.state, [...this.state.paths.values()], this.#at, config, true));
  }

  /** Lets time pass. */
  run(duration: number): this {
    const end = this.now + duration;
    while (this.#fireNext(end));
    this.now = end;
    return this;
  }

  /** The process is stopped for so long; replies wait in the sockets, and come before timers when it runs again. */
  stop(duration: number): this {
    this.#stoppedUntil = this.now + duration;
    return this.run(duration);
  }

  /** How long it took; `limit` when it did not come to that. */
  runUntil(isReached: (rig: this) => boolean, limit: number): number {
    const start = this.now;
    while (!isReached(this) && this.#fireNext(start + limit));
    if (!isReached(this)) this.now = start + limit;
    return this.now - start;
  }

  get verdict() {
    return this.verdictOf(key);
  }

  verdictOf(path: PathKey) {
    const verdict = this.state.verdicts.get(path);
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

  /** False when nothing happens until `end`. */
  #fireNext(end: number): boolean {
    const due = Math.min(
      this.state.wakeAt ?? Number.POSITIVE_INFINITY,
      this.#replies[0]?.at ?? Number.POSITIVE_INFINITY,
    );
    const next = Math.max(due, this.#stoppedUntil, this.now);
    if (next > end) return false;
    this.now = next;
    while ((this.#replies[0]?.at ?? Number.POSITIVE_INFINITY) <= next) this.#replies.shift()?.come();
    if (this.state.wakeAt !== undefined && this.state.wakeAt <= next) this.#tick();
    return true;
  }

  #tick(): void {
    this.ticks += 1;
    const { verdicts } = this.state;
    const step = tick(this.state, this.#at, this.#config);
    this.#take(step);
    if (step.effects.length > 0 || step.health.verdicts !== verdicts) return;
    const second = Math.floor(this.now / 1_000);
    this.#idle = { second, ticks: second === this.#idle.second ? this.#idle.ticks + 1 : 1 };
    if (this.#idle.ticks > idleTicksAllowed) throw new Error(`at ${this.now} ms it ticks and ticks, and does nothing`);
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
    const sentAt = this.now;
    const answer = (this.lines.get(request.path.name) ?? this.line)(request.question, sentAt);
    if (answer === undefined) return;
    const at = sentAt + answer.after;
    const come = () => {
      // As the prober does: the time is measured when the reply is read.
      const result = "rtt" in answer.result ? { ...answer.result, rtt: millis(this.now - sentAt) } : answer.result;
      const probed = { id: request.id, result, traffic: { sent: 0, received: 0 } };
      this.#take(outcome(this.state, probed, this.#at, this.#config));
    };
    this.#replies.splice(this.#replies.findLastIndex((reply) => reply.at <= at) + 1, 0, { at, come });
  }

  #readTraffic(ifindexes: readonly number[]): void {
    const { counts } = this;
    const read = new Map(counts === undefined ? [] : ifindexes.map((ifindex) => [ifindex, counts] as const));
    this.#take(traffic(this.state, read, this.#at, this.#config));
  }
}
