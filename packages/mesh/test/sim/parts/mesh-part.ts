/** A part of a simulated mesh, as the simulator sees it from inside: which nodes are here, and what leads to those that are elsewhere. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { Line } from "../outlet.ts";
import type { SharedVerdicts } from "./shared-verdicts.ts";

/** A node wants one of its links cut. */
export interface AskedCut {
  readonly at: Millis;
  readonly by: number;
  readonly of: number;
  readonly why: string;
}

/** A cable by its number, which has come up so many times. */
export interface Rise {
  readonly cable: number;
  readonly count: number;
}

export interface MeshPart {
  /** Of other parts; undefined: there are none. */
  readonly verdicts?: SharedVerdicts | undefined;
  isHere(node: number): boolean;
  /** To a node that is elsewhere. */
  lineTo(node: number, rise: Rise): Line;
  /** A node that is here wants a link cut. */
  cut(asked: AskedCut): void;
}

/** All of the mesh is here. */
export const allHere: MeshPart = {
  isHere: () => true,
  lineTo: (node) => {
    throw new InternalError(`node ${node} is here`);
  },
  cut: () => {},
};
