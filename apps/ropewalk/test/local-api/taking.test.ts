/** What becomes of messages that were printed and are to be taken, while the node goes away or cannot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TakenDocument } from "@ropewalk/api/messages";
import { Taking } from "../../src/local-api/taking.ts";

type Answer = TakenDocument | "away";

/** What is left, and what others have, when each question was answered so. */
async function after(...answers: readonly Answer[]): Promise<readonly [left: number, lostToOthers: number]> {
  const taking = new Taking();
  taking.add([7, 8]);
  for (const answer of answers) {
    const take = () => (answer === "away" ? Promise.reject(new Error("it is away")) : Promise.resolve(answer));
    await taking.work(take).catch(() => {});
  }
  return [taking.left, taking.lostToOthers];
}

const taken = { taken: [7, 8], untaken: [], why: null };
const notThere = { taken: [7], untaken: [8], why: null };
const refused = { taken: [], untaken: [7, 8], why: "the node stops" };

test("what the node takes is done with, and what is not there another reader has", async () => {
  assert.deepEqual(await after(taken), [0, 0]);
  assert.deepEqual(await after(notThere), [0, 1]);
});

test("what the node cannot take now is left, and asked for again", async () => {
  assert.deepEqual(await after(refused), [2, 0]);
  assert.deepEqual(await after(refused, taken), [0, 0]);
});

test("what a node refuses while it ends, and does all the same, is nobody else's", async () => {
  assert.deepEqual(await after(refused, notThere), [0, 0]);
});

test("what a node may have taken before it went away is nobody else's, also when it first refuses to take more", async () => {
  assert.deepEqual(await after("away", notThere), [0, 0]);
  assert.deepEqual(await after("away", refused, notThere), [0, 0]);
  assert.deepEqual(await after("away", refused, refused, notThere), [0, 0]);
});
