/** Somebody who moves edge's traffic from a dead uplink to a good one, as the bench knows it: how it is started, awaited and killed. */
import type { Lab } from "@ropewalk/lab/lab";

export interface Driver {
  /** Its column in the table. */
  readonly column: string;
  /** What a reader of its figures must know, a sentence each. */
  readonly notes: readonly string[];
  /** Longer than it takes to move traffic away. */
  readonly moveLimitMs: number;
  /** So long after a switch a site's connections are watched: TCP that was silent for long takes as long again to return. */
  readonly aftermathMs: number;
  /** Resolves once every process of it runs. */
  start(lab: Lab): Promise<RunningDriver>;
}

/** Its processes in the lab, until disposed of. */
export interface RunningDriver extends AsyncDisposable {
  /**
   * The uplink that ordinary traffic takes, once it is judged well with every other, and has been for so long that the next fault
   * is a fair one. Throws when that takes too long.
   */
  settled(): Promise<string>;
  /** SIGKILL; what it wrote into the kernel stays. */
  kill(): Promise<void>;
  /** Moves ordinary traffic to the uplink, though all is well. Undefined: there is no such order. */
  readonly use: ((uplink: string) => Promise<void>) | undefined;
}

export type Entrant =
  | { readonly kind: "ready"; readonly driver: Driver }
  | { readonly kind: "not run"; readonly column: string; readonly why: string };
