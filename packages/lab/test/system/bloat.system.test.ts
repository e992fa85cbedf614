/** A queue that is full: how long packets wait in it, and what takes its place. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { bitsPerSecond, millis } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { assertReachable, ping } from "./packets.ts";

const target = "203.0.113.10";
const targets = [target, "2001:db8:80:1::10"];
const gateway = "198.18.0.1";

let lab: Lab;
const edge = () => lab.host("edge");

before(async () => {
  lab = await createLab({ uplinks: 1 });
});
after(() => lab?.[Symbol.asyncDispose]());
afterEach(async () => {
  await lab.heal("wan0");
  await Promise.all(targets.map((address) => assertReachable(edge(), address, "wan0")));
});

test("a bloated queue holds packets of both families for its length and loses none; the gateway is as near as ever", async (context) => {
  await lab.bloat("wan0", millis(1_000));
  const ask = ["-n", "-W", "5", "-c", "8", "-i", "0.1", "-I", "wan0"];
  for (const { stdout } of await Promise.all(targets.map((address) => edge().exec("ping", [...ask, address])))) {
    assert.match(stdout, / 8 received/);
    const [, least, most] = /= ([\d.]+)\/[\d.]+\/([\d.]+)\//.exec(stdout) ?? [];
    context.diagnostic(`round trips of ${least} to ${most} ms, asked for 1000`);
    assert.ok(Number(least) > 900 && Number(least) < 1_200, stdout);
  }
  const { roundTrips } = await ping(edge(), gateway, { from: "wan0" });
  assert.ok(Math.min(...roundTrips) < 100, roundTrips.join());
});

test("a bloat taken away leaves no queue, and a shape takes its place", async () => {
  await lab.bloat("wan0", millis(500));
  await lab.shape("wan0", bitsPerSecond(10_000_000));
  assert.equal(lab.faults("wan0").narrowing?.kind, "shape");
  const { roundTrips } = await ping(edge(), target, { from: "wan0" });
  assert.ok(Math.min(...roundTrips) < 100, roundTrips.join());
});
