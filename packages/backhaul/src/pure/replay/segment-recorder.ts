/**
 * Writes the lines of one segment, in the order of the machine's steps. The reader of a log writes it anew with this same
 * recorder: a replay is right when every line comes out as it stands there.
 */
import type { BackhaulEvent } from "../../status.ts";
import type { MachineConfig } from "../machine.ts";
import type { BackhaulEffect, BackhaulInput, BackhaulState, TrafficCounts } from "../state.ts";
import { askedText } from "./asked.ts";
import { chain, checkText } from "./chain.ts";
import { differenceBetween } from "./difference.ts";
import { encodeEvents } from "./event-text.ts";
import { encodeInput } from "./input-text.ts";
import { encodeHeader, type SegmentHeader } from "./segment-header.ts";
import { encodeValue } from "./value-codec.ts";

/** One step of the machine: what it was given, and what it wanted done. */
export interface Recorded {
  readonly input: BackhaulInput;
  readonly before: BackhaulState;
  readonly config: MachineConfig;
  readonly effects: readonly BackhaulEffect[];
}

export class SegmentRecorder {
  readonly headerLine: string;
  #check: number;
  #config: MachineConfig;
  #counts: ReadonlyMap<number, TrafficCounts> = new Map();

  constructor(header: SegmentHeader) {
    const { line, check } = encodeHeader(header);
    this.headerLine = line;
    this.#check = check;
    this.#config = header.config;
  }

  /** Of the last line. */
  get check(): number {
    return this.#check;
  }

  /** Of the last "traffic" in this segment. */
  get counts(): ReadonlyMap<number, TrafficCounts> {
    return this.#counts;
  }

  /** The line that must come before the next input because the configuration is another; undefined when it is not. */
  configured(config: MachineConfig): string | undefined {
    if (config === this.#config) return undefined;
    const difference = differenceBetween(this.#config, config);
    this.#config = config;
    return difference === null ? undefined : this.#line(`["configured",${encodeValue(difference)}`);
  }

  /** The line of one step; the configuration must have been told before. */
  input({ input, before, effects }: Recorded): string {
    const text = encodeInput(input, { state: before, counts: this.#counts });
    if (input.kind === "traffic") this.#counts = input.counts;
    return this.#line(`${text},${encodeOutcome(before, effects)}`);
  }

  #line(open: string): string {
    this.#check = chain(this.#check, open);
    return `${open},"${checkText(this.#check)}"]`;
  }
}

/** What the step asked for and, only when there is some, what it told. */
export function encodeOutcome(before: BackhaulState, effects: readonly BackhaulEffect[]): string {
  const events: BackhaulEvent[] = [];
  for (const effect of effects) if (effect.kind === "publish") events.push(effect.event);
  const asked = `"${askedText(effects)}"`;
  return events.length === 0 ? asked : `${asked},${encodeEvents(events, before.picture)}`;
}
