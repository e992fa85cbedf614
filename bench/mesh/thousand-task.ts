/** What a process that simulates a thousand nodes is told, and what it tells. */

export interface ThousandTask {
  readonly seed: number;
  /** How neighbours learn of a death: their links close, or nothing is heard of it any more. */
  readonly death: "told" | "silent";
  /** False: each node verifies each announce for itself, as a thousand machines would. */
  readonly isMemoised: boolean;
}

export interface ThousandFindings {
  /** Virtual; undefined: not within the time that the simulation allows, which is the goal. */
  readonly joinedMs: number | undefined;
  readonly healedMs: number | undefined;
  /** What went wrong, in words. */
  readonly faults: readonly string[];
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Resident, in octets. */
  readonly mostMemory: number;
  /** That all links carried. */
  readonly octets: number;
}
