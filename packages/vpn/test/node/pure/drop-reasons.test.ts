/** What is read from nft's listing of the counters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dropReasons, parseDropCounts } from "@ropewalk/vpn/node/pure/drop-reasons";
import fc from "fast-check";
import { listedCounts } from "./listed-counts.ts";

test("every reason has its count, whatever else is listed", () => {
  const foreign = {
    counter: { family: "ip", name: "metadata", table: "ropewalk-vpn", handle: 1, packets: 1, bytes: 1 },
  };
  const counts = parseDropCounts(listedCounts(3, [foreign, { chain: {} }, null, 4]));
  assert.deepEqual(Object.keys(counts ?? {}), dropReasons);
  for (const reason of dropReasons) assert.deepEqual(counts?.[reason], { packets: 3, octets: 300 });
});

test("a listing in which one reason is missing, or has no count, is not read as zero", () => {
  assert.equal(parseDropCounts(listedCounts(3).replace('"metadata"', '"metadata2"')), undefined);
  assert.equal(parseDropCounts(listedCounts(3).replace('"packets":3', '"packets":"3"')), undefined);
  assert.equal(parseDropCounts(listedCounts(-1)), undefined);
});

test("whatever JSON it is, or none, it is read or refused", () => {
  fc.assert(fc.property(fc.json(), (text) => parseDropCounts(text) === undefined));
  fc.assert(fc.property(fc.string(), (text) => parseDropCounts(text) === undefined));
});
