import assert from "node:assert/strict";
import { test } from "node:test";
import { type Actor, explore, type Local } from "./explore.ts";

/** Counts to two; a follower never gets ahead of any other. */
function counter(isFollower: boolean): Actor<Local> {
  return {
    start: { id: 0 },
    moves: (own, all) => {
      const isHeld = own.id === 2 || (isFollower && all.some((other) => other !== own && other.id <= own.id));
      return isHeld
        ? []
        : [{ label: `${isFollower ? "follower" : "leader"} to ${own.id + 1}`, to: { id: own.id + 1 } }];
    },
  };
}

const unbounded = { states: 100 };

test("every order of steps is taken, and every state met once", () => {
  const free = explore([counter(false), counter(false)], () => [], unbounded);
  assert.deepEqual([free.states, free.transitions], [9, 12]);
  const held = explore([counter(false), counter(true)], () => [], unbounded);
  assert.deepEqual([held.states, held.transitions], [6, 6]);
});

test("a violation is told once, with the fewest steps that lead to it", () => {
  const check = (all: readonly Local[]) => (all[1]?.id === 1 ? ["follower moved"] : []);
  const { violations } = explore([counter(false), counter(true)], check, unbounded);
  assert.deepEqual(violations, [{ what: "follower moved", trace: ["leader to 1", "follower to 1"] }]);
});

test("the first that is enough ends it", () => {
  const check = (all: readonly Local[]) => [`sum ${all.reduce((sum, { id }) => sum + id, 0)}`];
  const isEnough = (what: string) => what === "sum 1";
  const { violations, states } = explore([counter(false), counter(false)], check, { ...unbounded, isEnough });
  assert.deepEqual([violations.length, states], [2, 2]);
});

test("a world with more states than it may have is refused", () => {
  assert.throws(() => explore([counter(false), counter(false)], () => [], { states: 8 }), /more than 8 states/);
});
