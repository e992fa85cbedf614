/**
 * Records every step of the machine in bounded files, so that any stretch of time can be replayed. Recording costs the caller
 * the making of one line: what it is written with waits for the disk, and when the disk fails, records are lost and counted.
 */
import { type Clock, type Timer, withDeadline } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { DecisionLogConfig } from "../decision-log-section.ts";
import type { Opening } from "../pure/replay/segment-header.ts";
import { type Recorded, SegmentRecorder } from "../pure/replay/segment-recorder.ts";
import { listSegments, SegmentFiles } from "./segment-files.ts";

/** What the backhaul writes to. */
export interface DecisionRecorder {
  /** To be called after each step, in their order. Never throws. */
  record(recorded: Recorded): void;
  reconfigure(config: DecisionLogConfig): void;
}

export interface DecisionLog extends DecisionRecorder, AsyncDisposable {
  /** Records taken, and of them those that are in no file. */
  readonly counts: { readonly records: number; readonly lost: number };
}

export interface DecisionLogDeps {
  /** Made when it is absent and its parent is there. */
  readonly folder: string;
  /** Of Ropewalk. */
  readonly version: string;
  readonly clock: Clock;
  /** The caller's, who disposes of it. */
  readonly health: Pick<HealthReporter, "healthy" | "report">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** For who records nothing. */
export const noDecisionLog: DecisionRecorder = { record: () => {}, reconfigure: () => {} };

/** What is decided is on its way to the disk at once; all else at the latest after this, or when there is so much of it. */
const longestWait: Millis = seconds(1);
const longestText = 64 * 1024;
/** Characters that may wait for a disk that does not keep up. */
const longestQueue = 1024 * 1024;
const retryAfter: Millis = seconds(10);
const closingLimit: Millis = seconds(2);
/** A program that restarts all the time makes many short segments: so many for each that is to be kept. */
const filesPerSegment = 10;

/** Never rejects: what is wrong with the folder is told by health. */
export async function openDecisionLog(config: DecisionLogConfig, deps: DecisionLogDeps): Promise<DecisionLog> {
  const segments = await listSegments(deps.folder).catch(() => []);
  return new FolderDecisionLog(config, deps, (segments.at(-1) ?? 0) + 1);
}

class FolderDecisionLog implements DecisionLog {
  readonly #deps: DecisionLogDeps;
  readonly #files: SegmentFiles;
  readonly #counts = { records: 0, lost: 0 };
  #config: DecisionLogConfig;
  /** Undefined when the next record must begin a segment. */
  #recorder: SegmentRecorder | undefined;
  /** Octets of the segment that were handed on, and from which number of them it is full. */
  #handedOn = 0;
  #fullAt = 0;
  /** Lines that were not handed on yet. */
  #text = "";
  #records = 0;
  #opening: Opening = { kind: "start" };
  #flushing: Timer | undefined;
  #resumeAt: Millis | undefined;
  /** Why recording stopped; undefined since a segment was begun. */
  #fault: string | undefined;

  constructor(config: DecisionLogConfig, deps: DecisionLogDeps, firstSegment: number) {
    this.#config = config;
    this.#deps = deps;
    this.#files = new SegmentFiles({
      folder: deps.folder,
      firstSegment,
      onBegun: () => this.#begun(),
      onFault: (error, lost) => this.#stop(describeError(error), lost),
    });
    deps.health.healthy();
    this.#registerMetrics(deps.metrics);
  }

  get counts(): DecisionLog["counts"] {
    return this.#counts;
  }

  record(recorded: Recorded): void {
    if (!this.#config.enabled) return;
    this.#counts.records += 1;
    if (this.#resumeAt !== undefined && this.#deps.clock.now() < this.#resumeAt) {
      this.#lose(1);
      return;
    }
    try {
      this.#take(recorded);
    } catch (error) {
      this.#stop(describeError(error), 1 + this.#files.drop());
    }
  }

  reconfigure(config: DecisionLogConfig): void {
    const wasEnabled = this.#config.enabled;
    this.#config = config;
    if (wasEnabled && !config.enabled) this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#config = { ...this.#config, enabled: false };
    this.#end();
    const settled = this.#files.settled();
    const tooLate = () => new Error("the disk did not take the last decisions in time");
    await withDeadline(this.#deps.clock, "decision log end", closingLimit, settled, tooLate).catch((error) => {
      this.#deps.log.warn({ error, folder: this.#deps.folder }, "the end of the decision log may be missing");
    });
  }

  #take(recorded: Recorded): void {
    this.#resumeAt = undefined;
    const isFull = this.#handedOn + this.#text.length >= this.#fullAt;
    if (this.#recorder !== undefined && isFull) {
      this.#flush();
      this.#recorder = undefined;
      this.#opening = { kind: "full" };
    }
    this.#recorder ??= this.#begin(recorded);
    const configured = this.#recorder.configured(recorded.config);
    if (configured !== undefined) this.#text += `${configured}\n`;
    this.#text += `${this.#recorder.input(recorded)}\n`;
    this.#records += 1;
    const isUrgent = recorded.effects.some((effect) => effect.kind === "publish");
    if (isUrgent || this.#text.length >= longestText) this.#flush();
    else this.#flushing ??= this.#deps.clock.after("decision log", longestWait, () => this.#flush());
    if (this.#files.queued > longestQueue) this.#stop("the disk does not keep up", this.#files.drop());
  }

  #begin({ config, before }: Recorded): SegmentRecorder {
    const { clock, version } = this.#deps;
    const segment = this.#files.nextSegment;
    const wall = new Date(clock.wall()).toISOString();
    const at = clock.now();
    const recorder = new SegmentRecorder({ version, segment, opening: this.#opening, wall, at, config, state: before });
    const header = `${recorder.headerLine}\n`;
    const { segmentBytes, segments } = this.#config;
    this.#files.begin(header, { bytes: (segments - 1) * segmentBytes, files: segments * filesPerSegment });
    this.#handedOn = Buffer.byteLength(header);
    this.#fullAt = Math.max(segmentBytes, 2 * this.#handedOn);
    return recorder;
  }

  #begun(): void {
    this.#opening = { kind: "start" };
    this.#fault = undefined;
    this.#deps.health.healthy();
  }

  #flush(): void {
    this.#flushing?.[Symbol.dispose]();
    this.#flushing = undefined;
    if (this.#text === "") return;
    this.#files.append(this.#text, this.#records);
    this.#handedOn += Buffer.byteLength(this.#text);
    this.#text = "";
    this.#records = 0;
  }

  #end(): void {
    this.#flush();
    this.#recorder = undefined;
    this.#opening = { kind: "start" };
    this.#files.end();
  }

  /** Nothing more goes into this segment: after a record that was lost its lines would not follow from one another. */
  #stop(reason: string, lost: number): void {
    const { clock, health, log, folder } = this.#deps;
    this.#flushing?.[Symbol.dispose]();
    this.#flushing = undefined;
    this.#recorder = undefined;
    this.#lose(lost + this.#records);
    this.#text = "";
    this.#records = 0;
    this.#resumeAt = millis(clock.now() + retryAfter);
    if (reason !== this.#fault) log.warn({ folder, reason }, "decisions are not recorded");
    this.#fault = reason;
    health.report("degraded", `decisions are not recorded in ${folder}: ${reason}; it is tried again every 10 s`);
  }

  #lose(records: number): void {
    this.#counts.lost += records;
    const before = this.#opening.kind === "lost" ? this.#opening.records : 0;
    this.#opening = { kind: "lost", records: before + records };
  }

  #registerMetrics(metrics: Metrics): void {
    metrics.counter({
      name: "ropewalk_backhaul_decision_log_records_total",
      help: "Steps of the backhaul that were to be recorded.",
      labels: [],
      collect: (set) => set({}, this.#counts.records),
    });
    metrics.counter({
      name: "ropewalk_backhaul_decision_log_lost_records_total",
      help: "Steps of the backhaul that are in no file of the decision log, because the disk did not take them.",
      labels: [],
      collect: (set) => set({}, this.#counts.lost),
    });
  }
}
