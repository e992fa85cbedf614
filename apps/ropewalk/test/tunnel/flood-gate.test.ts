/** Strangers do not fill a log: of a flood the first are told, and then how many more there were. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import { FloodGate } from "../../src/compose/tunnel/flood-gate.ts";

const refused = (reason: "expired" | "revoked"): TunnelEvent => ({
  kind: "handshake-refused",
  remote: "192.0.2.1 50000",
  refusal: { by: "us", reason, detail: "" },
});
const stream: TunnelEvent = {
  ...{ kind: "stream-refused", session: null, request: "port 22", by: "us" },
  ...{ reason: "unknown-service", detail: "" },
};

test("few are told one by one; of many the first twenty of a second, and the number of the others by reason", () => {
  const clock = new FakeClock();
  const told: TunnelEvent[] = [];
  using gate = new FloodGate(clock, (event) => told.push(event));
  for (let left = 18; left > 0; left -= 1) gate.tell(refused("expired"));
  for (let left = 30; left > 0; left -= 1) gate.tell(refused("revoked"));
  // Of another kind, and so with a measure of its own; and what is no refusal always passes.
  gate.tell(stream);
  gate.tell({ kind: "offline" });
  assert.equal(told.length, 22);
  clock.advance(millis(1_000));
  assert.deepEqual(told.slice(22), [{ kind: "handshakes-refused", numbers: { revoked: 28 } }]);
  gate.tell(refused("expired"));
  assert.deepEqual(told.at(-1), refused("expired"));
  clock.advance(millis(1_000));
  assert.equal(told.length, 24);
});

test("what was not told yet is told at the end", () => {
  const told: TunnelEvent[] = [];
  const gate = new FloodGate(new FakeClock(), (event) => told.push(event));
  for (let left = 25; left > 0; left -= 1) gate.tell(stream);
  gate[Symbol.dispose]();
  assert.deepEqual(told.at(-1), { kind: "streams-refused", numbers: { "unknown-service": 5 } });
});
