/** What the counts make of probes, stalls and events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthCounts, type ProbeTally } from "@ropewalk/backhaul/health-counts";
import type { ProbeQuestion, ProbeRequest, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import type { BackhaulEvent, Decision } from "@ropewalk/backhaul/status";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";

const wan0 = "wan0" as UplinkId;
const wan1 = "wan1" as UplinkId;
const target = "192.0.2.1" as IpAddress;
const echo: ProbeQuestion = { kind: "echo", target };
const tcp: ProbeQuestion = { kind: "tcp", target, port: 443 };
const answered: ProbeResult = { kind: "answered", rtt: millis(12) };

function request(id: number, uplinkId: UplinkId, question: ProbeQuestion, family: Family = "ipv4"): ProbeRequest {
  const path = { uplinkId, name: "eth0", ifindex: 2, family, source: target, gateway: null, mark: 0, mtu: bytes(1500) };
  return { id, path, question, limit: seconds(3) };
}

const both = new Set([wan0, wan1]);

function tally(
  counts: HealthCounts,
  uplinkId: UplinkId,
  kind: ProbeTally["kind"],
  { family = "ipv4", now = millis(0) }: { readonly family?: Family; readonly now?: Millis } = {},
): ProbeTally {
  const found = [...counts.probes(both, now)].find(
    (each) => each.uplinkId === uplinkId && each.kind === kind && each.family === family,
  );
  assert.ok(found !== undefined, `nothing was counted of ${uplinkId}`);
  return found;
}

test("a probe counts once it has an outcome, on its own uplink, family and kind, with its octets", () => {
  const counts = new HealthCounts();
  counts.asked(request(1, wan0, echo), millis(0));
  counts.asked(request(2, wan1, tcp, "ipv6"), millis(0));
  assert.equal(tally(counts, wan0, "echo").results.answered, 0, "it is still under way");
  counts.answered({ id: 1, result: answered, traffic: { sent: 36, received: 36 } });
  counts.answered({ id: 2, result: { kind: "refused", detail: "RST" }, traffic: { sent: 84, received: 60 } });
  const first = tally(counts, wan0, "echo");
  assert.deepEqual([first.results.answered, first.sentBytes, first.receivedBytes], [1, 36, 36]);
  const second = tally(counts, wan1, "tcp", { family: "ipv6" });
  assert.deepEqual([second.results.refused, second.sentBytes, second.receivedBytes], [1, 84, 60]);
  assert.equal(tally(counts, wan1, "tcp").results.refused, 0, "IPv4 was not asked");
});

test("an echo without an answer is silent ten seconds later and has cost what was sent", () => {
  const counts = new HealthCounts();
  counts.asked(request(1, wan0, echo), millis(0));
  counts.answered({ id: 1, result: answered, traffic: { sent: 36, received: 36 } });
  counts.asked(request(2, wan0, echo), millis(0));
  counts.asked(request(3, wan0, echo, "ipv6"), millis(0));
  assert.equal(tally(counts, wan0, "echo", { now: millis(9_999) }).results.silent, 0);
  const late = tally(counts, wan0, "echo", { now: millis(10_000) });
  assert.deepEqual([late.results.silent, late.sentBytes], [1, 72]);
  const first = tally(counts, wan0, "echo", { family: "ipv6" });
  assert.deepEqual([first.results.silent, first.sentBytes, first.receivedBytes], [1, 56, 0], "none before it answered");
  assert.deepEqual(counts.bytesOf(wan0, millis(10_000)), { sent: 128, received: 36 });
  assert.deepEqual(counts.bytesOf(wan1, millis(10_000)), { sent: 0, received: 0 });
  counts.answered({ id: 2, result: answered, traffic: { sent: 36, received: 36 } });
  assert.equal(tally(counts, wan0, "echo").results.answered, 1, "it was given up, and counts once");
});

test("a probe with a limit is waited for until well after it", () => {
  const counts = new HealthCounts();
  counts.asked(request(1, wan0, tcp), millis(0));
  assert.equal(tally(counts, wan0, "tcp", { now: millis(12_999) }).results.silent, 0);
  assert.equal(tally(counts, wan0, "tcp", { now: millis(13_000) }).results.silent, 1);
});

test("an outcome of a probe that nobody asked is not counted", () => {
  const counts = new HealthCounts();
  counts.answered({ id: 7, result: answered, traffic: { sent: 36, received: 36 } });
  assert.deepEqual([...counts.probes(both, millis(0))], []);
});

test("an uplink that is gone takes its counts with it", () => {
  const counts = new HealthCounts();
  counts.asked(request(1, wan0, echo), millis(0));
  assert.equal([...counts.probes(new Set([wan1]), millis(0))].length, 0);
  assert.equal([...counts.probes(both, millis(0))].length, 0, "it is not remembered for its return");
});

test("what waits is bounded: of more than fit the oldest counts as silent", () => {
  const counts = new HealthCounts();
  for (let id = 0; id < 65_538; id += 1) counts.asked(request(id, wan0, echo), millis(0));
  assert.equal(tally(counts, wan0, "echo").results.silent, 2);
});

test("uplinks that come and go without a scrape do not gather", () => {
  const counts = new HealthCounts();
  const ids = Array.from({ length: 600 }, (_, index) => `usb-${index}` as UplinkId);
  for (const [index, id] of ids.entries()) counts.asked(request(index, id, echo), millis(0));
  const kept = new Set([...counts.probes(new Set(ids), millis(0))].map(({ uplinkId }) => uplinkId));
  assert.equal(kept.size, 510);
  assert.ok(kept.has("usb-599" as UplinkId));
});

test("a switch is counted when another uplink is chosen, not when none is or the same is again", () => {
  const counts = new HealthCounts();
  const decided = (uplinkId: UplinkId | null) => {
    const decision: Decision = {
      uplinkId,
      name: null,
      reason: "",
      rejected: [],
      order: null,
      shares: [],
      kernel: null,
    };
    const connectivity = { generation: 1, ipv4: "unknown", ipv6: "unknown", active: {}, usable: [] } as const;
    const decisions = { ipv4: decision, ipv6: { ...decision, uplinkId: null }, overall: decision };
    counts.published({ kind: "connectivity", connectivity, decisions });
  };
  for (const each of [wan0, null, wan0]) decided(each);
  assert.deepEqual(counts.switches, { ipv4: 0, ipv6: 0, overall: 0 });
  for (const each of [wan1, null, wan0]) decided(each);
  assert.deepEqual(counts.switches, { ipv4: 2, ipv6: 0, overall: 2 });
});

test("only a change of a family's state counts as one", () => {
  const counts = new HealthCounts();
  const changed = (fields: readonly string[]) => {
    const uplink = { id: wan0, ipv4: { state: "down" }, ipv6: { state: "up" } };
    counts.published({ kind: "uplink-changed", uplink, changed: fields } as unknown as BackhaulEvent);
  };
  changed(["ipv4.figures", "rttMs"]);
  changed(["ipv4.state", "ipv4.reason", "state"]);
  changed(["ipv4.state"]);
  assert.deepEqual([...counts.stateChanges(both)], [{ uplinkId: wan0, family: "ipv4", state: "down", count: 2 }]);
  assert.deepEqual([...counts.stateChanges(new Set())], []);
});

test("stalls add up", () => {
  const counts = new HealthCounts();
  counts.stalled(millis(400));
  counts.stalled(millis(600));
  assert.deepEqual([counts.stalls, counts.stalledFor], [2, 1_000]);
});
