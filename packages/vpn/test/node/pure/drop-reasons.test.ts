/** What is read from the counters of a table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dropCountsIn, dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";

const counted = () =>
  new Map<string, { packets: number; octets: number }>(
    dropReasons.map((reason) => [reason, { packets: 3, octets: 300 }]),
  );

test("every reason has its count, whatever else is counted", () => {
  const counts = dropCountsIn(counted().set("foreign", { packets: 1, octets: 1 }));
  assert.deepEqual(Object.keys(counts ?? {}), dropReasons);
  for (const reason of dropReasons) assert.deepEqual(counts?.[reason], { packets: 3, octets: 300 });
});

test("counters of which one reason is missing are not read as zero", () => {
  const counts = counted();
  counts.delete("metadata");
  assert.equal(dropCountsIn(counts), undefined);
});
