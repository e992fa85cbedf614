/** What happens how often in the worlds that are looked at: few of everything, but every order of it. */
import type { Budget } from "./placement-world.ts";

const nothing: Budget = {
  ...{ start: 0, move: 0, renew: 0, terminate: 0, snapshot: 0 },
  ...{ reboot: 0, restart: 0, wipe: 0, slow: 0, fast: 0, tick: 0 },
};

export type Story = readonly [name: string, some: Partial<Budget>];

export function budgetOf(some: Partial<Budget>): Budget {
  return { ...nothing, ...some };
}

/** For test runs, a third of them each, and for soak runs: each is gone through whole. */
export const smallStories: readonly Story[] = [
  ["two customers, and an address that is free again by its lease", { start: 2, tick: 4 }],
  ["two customers, and an address that is free again by its node's word", { start: 2, terminate: 1, tick: 2 }],
  ["a session that moves", { start: 1, move: 1, terminate: 1, tick: 5 }],
  ["a session that is prolonged twice", { start: 1, renew: 2, terminate: 1, tick: 6 }],
  ["a session that moves and is prolonged", { start: 1, move: 1, renew: 1, tick: 3 }],
  ["a node that is told all at once", { start: 1, snapshot: 2, terminate: 1, tick: 3 }],
  ["a node that is told all at once, with two customers", { start: 2, snapshot: 1, tick: 1 }],
  ["a machine that starts again", { start: 1, reboot: 1, terminate: 1, snapshot: 1, tick: 3 }],
  ["a node that has lost its store", { start: 1, wipe: 1, terminate: 1, snapshot: 1, tick: 3 }],
  [
    "a node that has lost its store, and starts again with the next",
    { start: 1, wipe: 1, restart: 1, terminate: 1, tick: 3 },
  ],
  ["a clock that is slow", { start: 1, slow: 1, terminate: 1, renew: 1, tick: 4 }],
  ["a clock that is fast", { start: 1, fast: 1, terminate: 1, snapshot: 1, tick: 3 }],
];

/** For soak runs. */
export const largeStories: readonly Story[] = [
  ["two customers who come and go", { start: 3, terminate: 2, tick: 5 }],
  ["two customers who move", { start: 2, move: 2, terminate: 1, tick: 4 }],
  ["two customers who are prolonged", { start: 2, renew: 2, terminate: 1, tick: 5 }],
  ["nodes that are told all at once", { start: 2, snapshot: 2, terminate: 1, tick: 4 }],
  ["machines that start again", { start: 2, reboot: 2, snapshot: 1, terminate: 1, tick: 3 }],
  ["nodes that lose their store", { start: 2, wipe: 2, snapshot: 1, terminate: 1, tick: 3 }],
  [
    "a node that loses its store and starts again, in a move",
    { start: 1, move: 1, wipe: 1, reboot: 1, snapshot: 1, tick: 4 },
  ],
  ["a clock that is slow", { start: 2, slow: 1, renew: 1, terminate: 1, snapshot: 1, tick: 5 }],
  ["a clock that is fast", { start: 2, fast: 1, renew: 1, terminate: 1, snapshot: 1, tick: 5 }],
];
