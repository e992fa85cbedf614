/** When a lane is thought dead, and when not: on a virtual clock, with peers that are quick, slow, busy or gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { Heartbeat, type HeartbeatOutput } from "@ropewalk/tunnel/pure/lane/heartbeat";
import fc from "fast-check";

const config = { interval: seconds(15), timeout: seconds(5), missed: 3 };
const at = (ms: number) => millis(ms);

/** What a heartbeat puts out, and when, from `now` until it is dead or `until` has come. */
function run(heartbeat: Heartbeat, until: number, lag = 0): readonly string[] {
  const outputs: string[] = [];
  for (let due = heartbeat.deadline(); due !== undefined && due + lag <= until; due = heartbeat.deadline())
    for (const { kind } of heartbeat.expire(at(due + lag))) outputs.push(`${kind} ${due + lag}`);
  return outputs;
}

function tokenIn([output]: readonly HeartbeatOutput[]): Uint8Array {
  assert(output?.kind === "ping");
  return output.token;
}

test("an idle peer is asked after the interval, then once each timeout, and is dead within three intervals", () => {
  const heartbeat = new Heartbeat(at(0), config);
  assert.deepEqual(run(heartbeat, 100_000), ["ping 15000", "ping 20010", "ping 25020", "dead 30030"]);
  assert.equal(heartbeat.deadline(), undefined);
  assert.deepEqual(heartbeat.expire(at(200_000)), []);
});

test("a dead peer is told with its silence, and with how often it was asked", () => {
  const heartbeat = new Heartbeat(at(0), { ...config, missed: 1 });
  heartbeat.heard(at(1_000));
  heartbeat.expire(at(16_000));
  heartbeat.expire(at(21_000));
  assert.deepEqual(heartbeat.expire(at(21_010)), [{ kind: "dead", silence: 20_010, missed: 1 }]);
});

test("when something is outstanding, silence is measured in round trips: asked after four, given up after eight times as long", () => {
  const heartbeat = new Heartbeat(at(0), config, millis(100));
  heartbeat.heard(at(5_000));
  heartbeat.expecting(at(6_000));
  assert.deepEqual(run(heartbeat, 100_000), ["ping 6400", "ping 6810", "ping 7620", "dead 9230"]);
});

test("no round trip is so short that a peer is asked sooner than after 200 ms, or so long that it has more time than an idle one", () => {
  const near = new Heartbeat(at(0), config, millis(0.05));
  near.expecting(at(0));
  assert.deepEqual(run(near, 100_000), ["ping 200", "ping 410", "ping 820", "dead 1630"]);
  const far = new Heartbeat(at(0), config, seconds(60));
  far.expecting(at(0));
  assert.deepEqual(run(far, 100_000), ["ping 15000", "ping 20010", "ping 25020", "dead 30030"]);
  const unknown = new Heartbeat(at(0), config);
  unknown.expecting(at(0));
  assert.equal(unknown.deadline(), 1_000);
});

test("once nothing is outstanding any more, an idle peer has its time again", () => {
  const heartbeat = new Heartbeat(at(0), config, millis(1));
  heartbeat.expecting(at(0));
  heartbeat.expecting(at(100));
  assert.equal(heartbeat.deadline(), 200);
  heartbeat.settled();
  assert.equal(heartbeat.deadline(), 15_000);
  heartbeat.expecting(at(3_000));
  assert.equal(heartbeat.deadline(), 3_200);
});

test("a peer of which an octet comes now and then is never dead, however slow and whatever is outstanding", () => {
  const heartbeat = new Heartbeat(at(0), config, millis(1));
  heartbeat.expecting(at(0));
  for (let now = 1_500; now < 300_000; now += 1_500) {
    assert(run(heartbeat, now).every((output) => output.startsWith("ping")));
    heartbeat.heard(at(now));
  }
});

test("a process that was stopped asks again before it calls anybody dead, and what lies in the kernel is read first", () => {
  const heartbeat = new Heartbeat(at(0), config, millis(1));
  heartbeat.expecting(at(0));
  heartbeat.expire(at(200));
  heartbeat.expire(at(400));
  heartbeat.expire(at(410));
  // Stopped here for 30 s, with the last question but one on its way.
  assert.equal(heartbeat.expire(at(30_410))[0]?.kind, "ping");
  assert((heartbeat.deadline() ?? 0) > 30_410);
  heartbeat.heard(at(30_411));
  assert.equal(heartbeat.deadline(), 30_611);
});

test("a process that was stopped in its very last look looks once more", () => {
  const heartbeat = new Heartbeat(at(0), { ...config, missed: 1 });
  heartbeat.expire(at(15_000));
  assert.deepEqual(heartbeat.expire(at(20_000)), []);
  assert.deepEqual(heartbeat.expire(at(50_000)), []);
  assert.equal(heartbeat.deadline(), 50_010);
  assert.equal(heartbeat.expire(at(50_010))[0]?.kind, "dead");
});

test("a process that is always late still finds a dead peer, for it is more patient each time", () => {
  const heartbeat = new Heartbeat(at(0), config, millis(1));
  heartbeat.expecting(at(0));
  const outputs = run(heartbeat, 60_000, 120);
  assert.equal(outputs.at(-1)?.split(" ")[0], "dead", outputs.join());
});

test("an answer tells the round trip of its own ping, and is smoothed into the others", () => {
  const heartbeat = new Heartbeat(at(0), config);
  const first = tokenIn(heartbeat.expire(at(15_000)));
  assert.equal(heartbeat.ponged(at(15_080), first), 80);
  assert.equal(heartbeat.rtt, 80);
  assert.equal(heartbeat.ponged(at(15_090), first), undefined);
  const second = tokenIn(heartbeat.expire(at(30_090)));
  heartbeat.expire(at(35_090));
  const third = tokenIn(heartbeat.expire(at(35_100)));
  assert.equal(heartbeat.ponged(at(35_106), second), 5_016);
  assert.equal(heartbeat.rtt, 697);
  assert.equal(heartbeat.ponged(at(35_126), third), 26);
  assert.notDeepEqual(second, third);
});

test("an answer to what was never asked, or asked before this process slept, measures nothing and yet is a sign of life", () => {
  const heartbeat = new Heartbeat(at(0), config);
  assert.equal(heartbeat.ponged(at(10), new Uint8Array(8).fill(255)), undefined);
  assert.equal(heartbeat.ponged(at(20), new Uint8Array(3)), undefined);
  assert.equal(heartbeat.deadline(), 15_020);
  const early = tokenIn(heartbeat.expire(at(15_020)));
  const late = tokenIn(heartbeat.expire(at(60_000)));
  assert.equal(heartbeat.ponged(at(60_001), early), undefined);
  assert.equal(heartbeat.rtt, undefined);
  assert.equal(heartbeat.ponged(at(60_003), late), 3);
});

test("whatever comes in whatever order, nobody is dead who was not asked as often as configured, in time, since he was last heard", () => {
  const action = fc.record({
    verb: fc.constantFrom("heard", "expecting", "settled", "pong", "due", "due", "due", "due", "late"),
    wait: fc.constantFrom(0, 1, 30, 250, 4_000),
  });
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 80, size: "max" }),
      fc.constantFrom(0.1, 60, 900, undefined),
      (actions, rtt) => {
        const heartbeat = new Heartbeat(at(0), config, rtt === undefined ? undefined : millis(rtt));
        let now = 0;
        let asked = 0;
        let heardAt = 0;
        let lastStep: "asked" | "looked" = "asked";
        let last: Uint8Array = new Uint8Array(8);
        for (const { verb, wait } of actions) {
          const due = heartbeat.deadline();
          if (due === undefined) return;
          const isStep = verb === "due" || verb === "late";
          now = isStep
            ? Math.max(now, due) + (verb === "late" ? 60 + wait : 0)
            : Math.min(now + wait, Math.max(now, due));
          if (verb === "heard") heartbeat.heard(at(now));
          if (verb === "expecting") heartbeat.expecting(at(now));
          if (verb === "settled") heartbeat.settled();
          if (verb === "pong") heartbeat.ponged(at(now), last);
          if (verb === "heard" || verb === "pong") [asked, heardAt] = [0, now];
          if (!isStep) continue;
          const outputs = heartbeat.expire(at(now));
          for (const output of outputs) {
            if (output.kind === "ping") [asked, last] = [asked + 1, output.token];
            else {
              assert.equal(output.silence, now - heardAt);
              assert(asked >= config.missed && output.silence >= 1_600, `${asked} pings, ${output.silence} ms`);
              assert.equal(lastStep, "looked", "dead without a look");
            }
          }
          lastStep = outputs.length === 0 ? "looked" : "asked";
          const next = heartbeat.deadline();
          assert(next === undefined || next > now, "a deadline that has passed");
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
