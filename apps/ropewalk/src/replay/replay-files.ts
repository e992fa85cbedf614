/** Drives a replay over files, and tells an observer what happens until everything is replayed or something is not as it was. */

import { readSegment } from "@ropewalk/backhaul/io/segment-lines";
import { DecisionReplay, type ReplayedLine } from "@ropewalk/backhaul/pure/replay/replay";
import type { SegmentHeader } from "@ropewalk/backhaul/pure/replay/segment-header";
import { fileError, type LogFile } from "./log-files.ts";

export type Stepped = Extract<ReplayedLine, { readonly kind: "stepped" }>;

/** Where a line stands. */
interface Place {
  readonly file: string;
  readonly line: number;
}

export interface ReplayObserver {
  opened(header: SegmentHeader, before: SegmentHeader | undefined, place: Place): void;
  stepped(step: Stepped, header: SegmentHeader, place: Place): void;
  /** The end of a file that was not written whole. */
  torn(place: Place): void;
  /** So many octets of all files were read. */
  progressed(octets: number): void;
}

interface ReplayCounts {
  readonly segments: number;
  readonly inputs: number;
  /** Events that were told. */
  readonly decisions: number;
}

export type ReplayOutcome =
  | { readonly kind: "identical"; readonly counts: ReplayCounts }
  | {
      readonly kind: "different";
      readonly counts: ReplayCounts;
      readonly place: Place;
      readonly what: "decision" | "state";
      readonly expected: string;
      readonly got: string;
    }
  | { readonly kind: "unreadable"; readonly counts: ReplayCounts; readonly place: Place; readonly reason: string };

export async function replayFiles(files: readonly LogFile[], observer: ReplayObserver): Promise<ReplayOutcome> {
  const run = new ReplayRun(observer);
  let octetsBefore = 0;
  for (const file of files) {
    const outcome = await run.take(file, octetsBefore);
    if (outcome !== undefined) return outcome;
    octetsBefore += file.octets;
  }
  return { kind: "identical", counts: run.counts };
}

class ReplayRun {
  readonly #observer: ReplayObserver;
  readonly #replay = new DecisionReplay();
  #header: SegmentHeader | undefined;
  #counts = { segments: 0, inputs: 0, decisions: 0 };

  constructor(observer: ReplayObserver) {
    this.#observer = observer;
  }

  get counts(): ReplayCounts {
    return this.#counts;
  }

  /** Undefined when the whole file is as it was. */
  async take({ path, name }: LogFile, octetsBefore: number): Promise<ReplayOutcome | undefined> {
    let line = 0;
    try {
      for await (const piece of readSegment(path)) {
        if (piece.kind === "torn") {
          this.#observer.torn({ file: name, line: line + 1 });
          continue;
        }
        for (const text of piece.lines) {
          line += 1;
          const outcome = this.#tell(this.#replay.take(text), { file: name, line });
          if (outcome !== undefined) return outcome;
        }
        this.#observer.progressed(octetsBefore + piece.octets);
      }
      return undefined;
    } catch (error) {
      throw fileError(path, error);
    }
  }

  #tell(replayed: ReplayedLine, place: Place): ReplayOutcome | undefined {
    switch (replayed.kind) {
      case "opened":
        this.#observer.opened(replayed.header, this.#header, place);
        this.#header = replayed.header;
        this.#counts.segments += 1;
        return undefined;
      case "configured":
        return undefined;
      case "stepped":
        this.#counts.inputs += 1;
        this.#counts.decisions += replayed.events.length;
        if (this.#header !== undefined) this.#observer.stepped(replayed, this.#header, place);
        return undefined;
      case "different":
      case "unreadable":
        return { ...replayed, counts: this.#counts, place };
    }
  }
}
