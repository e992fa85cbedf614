/** Both ends of two links keep the same one, without a word about it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { linkThatStays } from "@ropewalk/mesh/pure/one-link";

const low = "00" as MeshAddress;
const high = "ff" as MeshAddress;
const dialled = (startedAt: number, provedAt: number) =>
  ({ direction: "dialled", startedAt: millis(startedAt), provedAt: millis(provedAt) }) as const;
const accepted = (startedAt: number, provedAt: number) =>
  ({ direction: "accepted", startedAt: millis(startedAt), provedAt: millis(provedAt) }) as const;

test("of two that were dialled at once, what the lower address dialled stays, in whatever order each end saw them", () => {
  assert.equal(linkThatStays(low, high, dialled(0, 10), accepted(5, 15)), "older");
  assert.equal(linkThatStays(low, high, accepted(0, 10), dialled(5, 15)), "newer");
  assert.equal(linkThatStays(high, low, dialled(0, 10), accepted(5, 15)), "newer");
  assert.equal(linkThatStays(high, low, accepted(0, 10), dialled(5, 15)), "older");
});

test("who dials again has lost the link that he had, whoever dialled that", () => {
  assert.equal(linkThatStays(low, high, dialled(0, 10), accepted(1_011, 1_100)), "newer");
  assert.equal(linkThatStays(low, high, accepted(0, 10), accepted(11, 20)), "newer");
  assert.equal(linkThatStays(high, low, dialled(0, 10), dialled(11, 20)), "newer");
});
