/** A machine whose every step is recorded in a real folder, and what is in that folder. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { backhaulSection } from "@ropewalk/backhaul/config";
import type { DecisionLogConfig } from "@ropewalk/backhaul/decision-log-section";
import { type DecisionLog, openDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { initialState, step } from "@ropewalk/backhaul/pure/machine";
import { readHeader, type SegmentHeader } from "@ropewalk/backhaul/pure/replay/segment-header";
import type { BackhaulInput, BackhaulState } from "@ropewalk/backhaul/pure/state";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { Millis } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { linkFacts, networkFacts, routeFacts } from "../pure/facts-fixture.ts";
import { replayed } from "../replay/recorded-life.ts";

export const small: DecisionLogConfig = { enabled: true, segmentBytes: 64 * 1024, segments: 3 };

/** A machine whose every step is recorded. */
export class Recording implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly health = new HealthRegistry({ clock: this.clock });
  readonly metrics = createMetrics();
  readonly lines: string[] = [];
  readonly folder: string;
  #log: DecisionLog | undefined;
  #state: BackhaulState = initialState;
  #config = backhaulSection.schema.parse({ probe: { enabled: false } });

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(folder: string, config: DecisionLogConfig = small): Promise<Recording> {
    const recording = new Recording(folder);
    const { clock, metrics, health, lines } = recording;
    const log = createLog({
      level: "debug",
      format: "json",
      destination: { write: (line) => void lines.push(line) },
      clock,
    });
    const reporter = health.subsystem("decision log");
    recording.#log = await openDecisionLog(config, { folder, version: "0.1.0", clock, health: reporter, log, metrics });
    return recording;
  }

  get log(): DecisionLog {
    assert.ok(this.#log);
    return this.#log;
  }

  get reason(): string | null | undefined {
    return this.health.snapshot().subsystems[0]?.reason;
  }

  take(input: BackhaulInput): void {
    const before = this.#state;
    const { state, effects } = step(before, input, this.#config);
    this.#state = state;
    this.log.record({ input, before, config: this.#config, effects });
  }

  /** `count` inputs that decide nothing. */
  idle(count: number): void {
    for (let made = 0; made < count; made += 1)
      this.take({ kind: "resolvers", at: this.clock.now(), facts: new Map() });
  }

  /** The carrier of an uplink goes or comes: a decision. */
  decide(hasCarrier: boolean): void {
    const facts = networkFacts([linkFacts({ hasCarrier })], { routes: [routeFacts()] });
    this.take({ kind: "network", at: this.clock.now(), facts });
    const name = "eth2";
    this.take({ kind: "devices", at: this.clock.now(), answers: [{ ifindex: 2, name, facts: undefined }] });
    this.take({ kind: "devices", at: this.clock.now(), answers: [{ ifindex: 2, name, facts: undefined }] });
  }

  pass(time: Millis): void {
    this.clock.advance(time);
  }

  names(): readonly string[] {
    return existsSync(this.folder) ? readdirSync(this.folder).toSorted() : [];
  }

  /** Whole lines of one segment, or of all. */
  linesOf(...names: readonly string[]): readonly string[] {
    return (names.length === 0 ? this.names() : names).flatMap((name) =>
      readFileSync(`${this.folder}/${name}`, "utf8").split("\n").slice(0, -1),
    );
  }

  headers(): readonly SegmentHeader[] {
    return this.names().map((name) => {
      const read = readHeader(this.linesOf(name)[0] ?? "");
      assert.ok(read.kind === "header", JSON.stringify(read));
      return read.header;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log?.[Symbol.asyncDispose]();
  }
}

export function assertIdentical(lines: readonly string[]): void {
  const last = replayed(lines).at(-1);
  assert.ok(last?.kind === "stepped" || last?.kind === "opened", JSON.stringify(last));
}
