import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { parseLeases } from "@ropewalk/vpn/node/pure/listed-leases";
import { listedLeases } from "./wire-messages.ts";

test("leases are read with what they have left, to the second below", () => {
  assert.deepEqual(parseLeases(listedLeases, millis(1_000)), [
    { tunnel: "wg0", address: "10.90.0.2", endsAt: 600_000 },
    { tunnel: "wg0", address: "10.90.0.3", endsAt: 2_000 },
  ]);
});

test("a set without elements has no leases, and what is no set is told apart", () => {
  assert.deepEqual(parseLeases('{"nftables":[{"set":{"name":"leases4"}}]}', millis(0)), []);
  for (const text of ["", "null", "{}", '{"nftables":[]}', '{"nftables":[{"set":{"elem":1}}]}'])
    assert.equal(parseLeases(text, millis(0)), undefined, text);
});

test("elements of another kind are passed over", () => {
  const elements = [1, { elem: {} }, { elem: { val: { concat: ["wg0", "nowhere"] }, expires: 5 } }];
  const forever = { elem: { val: { concat: ["wg0", "10.90.0.2"] } } };
  const text = JSON.stringify({ nftables: [{ set: { elem: [...elements, forever] } }] });
  assert.deepEqual(parseLeases(text, millis(0)), []);
});
