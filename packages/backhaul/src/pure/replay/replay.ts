/**
 * Takes the lines of a log and makes the machine decide once more. Each line must come out byte for byte as it stands
 * there, and the state after a segment's last line must be the one with which the next segment begins.
 */
import { describeError } from "@ropewalk/kernel/errors";
import type { BackhaulEvent } from "../../status.ts";
import { type MachineConfig, step } from "../machine.ts";
import type { BackhaulInput, BackhaulState } from "../state.ts";
import { isInChain } from "./chain.ts";
import { applyDifference, differenceBetween } from "./difference.ts";
import { readInput } from "./input-text.ts";
import { readHeader, type SegmentHeader } from "./segment-header.ts";
import { encodeOutcome, SegmentRecorder } from "./segment-recorder.ts";
import { encodeValue, readValue } from "./value-codec.ts";

export type ReplayedLine =
  /** A segment began; `isContinued`: its state was compared with the one that the segment before led to. */
  | { readonly kind: "opened"; readonly header: SegmentHeader; readonly isContinued: boolean }
  | { readonly kind: "configured"; readonly config: MachineConfig }
  | {
      readonly kind: "stepped";
      readonly input: BackhaulInput;
      readonly before: BackhaulState;
      readonly after: BackhaulState;
      readonly events: readonly BackhaulEvent[];
    }
  /** The machine decides otherwise than it did. Both are as the log writes them; what is long is the difference to the other. */
  | {
      readonly kind: "different";
      readonly what: "decision" | "state";
      readonly expected: string;
      readonly got: string;
    }
  | { readonly kind: "unreadable"; readonly reason: string };

interface Segment {
  readonly header: SegmentHeader;
  readonly recorder: SegmentRecorder;
  readonly config: MachineConfig;
  readonly state: BackhaulState;
}

/** Segments one after another. After a line that is different or unreadable it goes on at the next header, if there is one. */
export class DecisionReplay {
  #segment: Segment | undefined;

  /** Total: what somebody made up may have any shape inside, of which neither the machine nor the recorder knows. */
  take(line: string): ReplayedLine {
    const segment = this.#segment;
    this.#segment = undefined;
    try {
      return this.#take(line, segment);
    } catch (error) {
      return unreadable(`the machine cannot take it: ${describeError(error)}`);
    }
  }

  #take(line: string, segment: Segment | undefined): ReplayedLine {
    if (line.startsWith("{")) return this.#open(line, segment);
    if (segment === undefined) return unreadable("no header says from where to go on");
    if (!isInChain(segment.recorder.check, line)) {
      return unreadable("it or a line before it was changed, moved or left out after it was written");
    }
    const read = readValue(line);
    if (read.kind === "malformed") return unreadable(read.reason);
    if (!Array.isArray(read.value)) return unreadable("it is no record");
    const [kind, difference] = read.value;
    return kind === "configured" ? this.#configure(segment, difference, line) : this.#step(segment, read.value, line);
  }

  #open(line: string, before: Segment | undefined): ReplayedLine {
    const read = readHeader(line);
    if (read.kind === "malformed") return unreadable(`the header of a segment cannot be read: ${read.reason}`);
    if (read.kind === "other-format")
      return unreadable(`it is in the format "${read.format}", which is not known here`);
    const { header } = read;
    const { state, config } = header;
    const isContinued =
      header.opening.kind === "full" && before !== undefined && header.segment === before.header.segment + 1;
    if (isContinued && encodeValue(before.state) !== encodeValue(state)) {
      return different("state", state, before.state);
    }
    this.#segment = { header, recorder: new SegmentRecorder(header), config, state };
    return { kind: "opened", header, isContinued };
  }

  #configure(segment: Segment, difference: unknown, line: string): ReplayedLine {
    const applied = applyDifference(segment.config, difference);
    if (applied.kind === "malformed") return unreadable(applied.reason);
    const config = applied.value as MachineConfig;
    if (segment.recorder.configured(config) !== line) return unreadable(notCanonical);
    this.#segment = { ...segment, config };
    return { kind: "configured", config };
  }

  #step(segment: Segment, record: readonly unknown[], line: string): ReplayedLine {
    const { state: before, config, recorder } = segment;
    const read = readInput(record, { state: before, counts: recorder.counts });
    if (read.kind === "malformed") return unreadable(read.reason);
    const { input } = read;
    const { state: after, effects } = step(before, input, config);
    if (recorder.input({ input, before, config, effects }) !== line) {
      const expected = read.rest.slice(0, -1);
      const got = readValue(`[${encodeOutcome(before, effects)}]`);
      return different("decision", expected, got.kind === "value" ? got.value : undefined);
    }
    this.#segment = { ...segment, state: after };
    const events = effects.flatMap((effect) => (effect.kind === "publish" ? [effect.event] : []));
    return { kind: "stepped", input, before, after, events };
  }
}

const notCanonical = "it is not as Ropewalk writes it";

function unreadable(reason: string): ReplayedLine {
  return { kind: "unreadable", reason };
}

/** Characters that a person reads at a glance. */
const short = 200;

function different(what: "decision" | "state", expected: unknown, got: unknown): ReplayedLine {
  const texts = { expected: encodeValue(expected), got: encodeValue(got) };
  if (texts.expected === texts.got) return unreadable(notCanonical);
  if (texts.expected.length <= short && texts.got.length <= short) return { kind: "different", what, ...texts };
  return {
    kind: "different",
    what,
    expected: encodeValue(differenceBetween(got, expected)),
    got: encodeValue(differenceBetween(expected, got)),
  };
}
