/**
 * Tells entry how the exit is, as often as entry wants, and takes the snapshots that it answers with. Where entry is away it is asked again, ever less
 * often; the exit does its work meanwhile.
 */
import type { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { GrpcCalls } from "@ropewalk/ops/grpc-client";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { ExitNode } from "./exit-node.ts";
import { decodeSnapshot } from "./pure/order-codec.ts";
import { type ExitAbout, encodeStatus } from "./status-message.ts";

export interface HeartbeatsDeps {
  readonly node: Pick<ExitNode, "status" | "watch" | "applySnapshot">;
  readonly registry: Pick<GrpcCalls<typeof RegistryService>, "heartbeat">;
  readonly about: ExitAbout;
  readonly clock: Clock;
  /** 0…1. */
  readonly chance: () => number;
  /** Of entry, as this exit finds it; who made it disposes of it. */
  readonly health: Pick<HealthReporter, "healthy" | "report">;
  readonly log: Log;
}

export type EntryState =
  | { readonly kind: "unknown" }
  /** `isAdmitted`: whether this exit may be given new sessions. */
  | { readonly kind: "reached"; readonly isAdmitted: boolean }
  | { readonly kind: "away"; readonly why: string };

const patience = seconds(5);
/** Entry forgets after a minute how the clock of an exit goes. */
const longestPause = seconds(20);
const shortestPause = millis(200);
const whenAway: BackoffConfig = { first: seconds(0.5), longest: seconds(10) };

export class Heartbeats implements AsyncDisposable {
  readonly #deps: HeartbeatsDeps;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #entry: EntryState = { kind: "unknown" };
  #failures = 0;
  /** Of the pause that is being made. */
  #cutShort: () => void = () => {};

  /** The first is sent at once. */
  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps;
    this.#running = this.#run();
  }

  get entry(): EntryState {
    return this.#entry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { node } = this.#deps;
    const { signal } = this.#end;
    let wanted = node.status().wantsSnapshot;
    using _watch = node.watch(() => {
      const wants = node.status().wantsSnapshot;
      if (wants && !wanted) this.#cutShort();
      wanted = wants;
    });
    while (!signal.aborted) await this.#pause(await this.#beat());
  }

  /** Returns when the next is due. */
  async #beat(): Promise<Millis> {
    const { node, registry, about, chance, health, log } = this.#deps;
    const { signal } = this.#end;
    try {
      const status = encodeStatus(node.status(), about);
      const { nextMillis, snapshot, isAdmitted } = await registry.heartbeat({ status }, { within: patience, signal });
      if (this.#entry.kind === "away") log.info({}, "entry answers again");
      this.#entry = { kind: "reached", isAdmitted };
      this.#failures = 0;
      health.healthy();
      if (snapshot !== undefined) await this.#take(snapshot);
      return millis(Math.min(longestPause, Math.max(shortestPause, nextMillis)));
    } catch (error) {
      if (signal.aborted) return shortestPause;
      const why = describeError(error);
      if (this.#entry.kind !== "away") log.warn({ error }, "entry does not answer: nobody new is carried meanwhile");
      this.#entry = { kind: "away", why };
      health.report("degraded", `entry does not answer: ${why}`);
      const pause = backoff(this.#failures, chance(), whenAway);
      this.#failures += 1;
      return pause;
    }
  }

  /** What cannot be taken is asked for again by the next heartbeat. */
  async #take(message: Parameters<typeof decodeSnapshot>[0]): Promise<void> {
    const { node, log } = this.#deps;
    const decoded = decodeSnapshot(message);
    if (decoded.kind === "invalid") {
      log.error({ what: decoded.what }, "entry sent a snapshot that is none");
      return;
    }
    try {
      const answer = await node.applySnapshot(decoded.value);
      if (answer.kind === "refused") log.info({ why: answer.why }, "a snapshot of entry was refused");
    } catch (error) {
      log.warn({ error }, "a snapshot of entry could not be carried out");
    }
  }

  async #pause(length: Millis): Promise<void> {
    const { clock } = this.#deps;
    const begun = clock.now();
    const cut = new AbortController();
    this.#cutShort = () => cut.abort();
    const signal = AbortSignal.any([this.#end.signal, cut.signal]);
    await sleep(clock, "heartbeat", length, signal).catch(() => {});
    this.#cutShort = () => {};
    // However often the exit changes its mind, entry is not asked more often than that.
    const left = shortestPause - (clock.now() - begun);
    if (left > 0) await sleep(clock, "heartbeat", millis(left), this.#end.signal).catch(() => {});
  }
}
