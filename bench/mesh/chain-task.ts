/** What a process that is one node of a chain is told, and what it tells. Times are of the clock that all processes have in common, in ms. */

export interface ChainTask {
  readonly folder: string;
  /** Where the node before it listens; undefined: it is the first. */
  readonly before: string | undefined;
  /** Its own place in the chain, from 0, and how many are in it. */
  readonly place: number;
  readonly size: number;
}

/** What follows the task. `look`: from now on until all are known. `ask`: the node farthest from it. */
export type ChainOrder = "look" | "ask";

export type ChainWord =
  /** Dialled there, as "127.0.0.1:40000". */
  | { readonly kind: "listening"; readonly at: string }
  | { readonly kind: "linked"; readonly time: number }
  /** It has a route to each of the others, as far as the chain says. */
  | { readonly kind: "whole"; readonly time: number }
  | { readonly kind: "asked"; readonly roundTrip: number | undefined };
