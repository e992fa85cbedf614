/** Another one's monitor, as the race knows it: how it is had, started in the lab, and listened to. */
import type { Lab } from "@ropewalk/lab/lab";
import type { VerdictLog } from "../verdict-log.ts";

interface Monitor {
  /** Its column in the table. */
  readonly column: string;
  readonly log: VerdictLog;
}

/** Processes in the lab, until disposed of. */
export interface RunningPeer extends AsyncDisposable {
  readonly monitors: readonly Monitor[];
  /** Why it is of no use any more: one of its processes ended by itself. */
  failure(): string | undefined;
}

export interface Peer {
  readonly name: string;
  readonly columns: readonly string[];
  /** What a reader of its figures must know, a sentence each. */
  readonly notes: readonly string[];
  /**
   * `turn`: it is started for each of its turns. `line`: it stays as long as a line has its round-trip time, on an uplink of
   * its own, because it needs long without a fault before the next one is fair.
   */
  readonly stays: "turn" | "line";
  /** Longer than it takes to call an uplink down, and up again. */
  readonly downLimitMs: number;
  readonly upLimitMs: number;
  /** From its first "up", and after a fault from its next, to the moment when a fault is fair. */
  readonly warmUpMs: number;
  readonly restMs: number;
  /** Resolves once every process runs. */
  start(lab: Lab, uplink: string): Promise<RunningPeer>;
}

export type Entrant =
  | { readonly kind: "ready"; readonly peer: Peer }
  | { readonly kind: "not run"; readonly columns: readonly string[]; readonly why: string };
