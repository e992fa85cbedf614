import assert from "node:assert/strict";
import { test } from "node:test";
import { openTlsEnds } from "./tls-ends.ts";
import { type ChangedBit, meetChanged, tryChanges } from "./tls-flights.ts";

test("a bit of TLS's flights that is changed, of a hundred and sixty octets here and of each in the soak, ends in no session", async () => {
  await using ends = await openTlsEnds();
  const { outcomes, flights } = await meetChanged(ends.threads, undefined);
  assert.deepEqual([outcomes.source.kind, outcomes.destination.kind], ["established", "established"]);
  const changes = (["source", "destination"] as const).flatMap((from) => {
    const stride = Math.ceil(flights[from].length / 80);
    const count = Math.ceil(flights[from].length / stride);
    return Array.from({ length: count }, (_, index): ChangedBit => {
      return { from, offset: index * stride, bit: (index * 5 + 1) % 8 };
    });
  });
  const { accepted, tried } = await tryChanges(ends.threads, flights, changes);
  assert.ok(tried >= 150, `${tried}`);
  assert.deepEqual(accepted, []);
});
