/** What the log says of the backhaul's events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { seconds } from "@ropewalk/kernel/units";
import { BackhaulBench } from "./backhaul-bench.ts";

const records = (bench: BackhaulBench) =>
  bench.lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>);
const told = (bench: BackhaulBench) =>
  records(bench).flatMap(({ level, message }) => (level === "debug" ? [] : [`${level}: ${message}`]));

test("an uplink that comes, changes its state and goes is in the log, with its id, interface and reason", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const [id] = service.status().uplinks.map((uplink) => uplink.id);
  bench.network.setCarrier(ifindex, false);
  bench.network.removeLink(ifindex);
  const lines = records(bench).filter(({ level }) => level === "info");
  assert.deepEqual(
    lines.map(({ message, uplink, interface: name, reason }) => [message, uplink, name, reason]),
    [
      ["uplink found", id, "eth0", "not-measured"],
      ["uplink changed its state", id, "eth0", "no-carrier"],
      ["uplink gone", id, "eth0", "its interface is gone"],
    ],
  );
});

test("every order is in the log: what was said, of which uplink, and why it was refused when it was", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const uplinkId = service.status().uplinks[0]?.id as UplinkId;
  records(bench);
  service.order({ kind: "pin", uplinkId });
  service.order({ kind: "drain", uplinkId });
  service.order({ kind: "release", uplinkId: undefined });
  const lines = records(bench).filter(({ level }) => level !== "debug");
  assert.deepEqual(
    lines.map(({ level, message, order, uplink, interface: name, reason }) => {
      return [level, message, order, uplink, name, reason];
    }),
    [
      ["info", "the operator's order is followed", "pin", uplinkId, "eth0", undefined],
      ["warn", "the operator's order is refused", "drain", uplinkId, "eth0", "eth0 is pinned: release it first"],
      ["info", "the operator's order is followed", "release", undefined, undefined, undefined],
    ],
  );
});

test("an uplink that flaps without end writes ten lines a minute, the last of which says that it flaps", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using _service = await bench.start();
  told(bench);
  const flap = (times: number) => {
    for (let turn = 0; turn < times; turn += 1) bench.network.setCarrier(ifindex, turn % 2 === 1);
  };
  flap(200);
  const lines = told(bench);
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), "warn: uplink flaps; its further changes in this minute are not logged");
  bench.clock.advance(seconds(60));
  flap(2);
  assert.deepEqual(told(bench), ["info: uplink changed its state", "info: uplink changed its state"]);
});
