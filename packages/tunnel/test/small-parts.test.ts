/** Small things with a lifetime: none of them leaves a timer, and each may be disposed of twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { Alarm } from "@ropewalk/tunnel/alarm";
import { drained } from "@ropewalk/tunnel/draining";
import type { Exposure } from "@ropewalk/tunnel/pure/exposures";
import { Pace } from "@ropewalk/tunnel/pure/lane/pace";
import { WaitingConnections } from "@ropewalk/tunnel/waiting-connections";
import { FakeConnection, settled } from "./io/fake-tcp.ts";

test("an alarm rings when it is due, be it set sooner meanwhile, and is one timer", () => {
  const clock = new FakeClock();
  const rings: number[] = [];
  const alarm = new Alarm(clock, "alarm", () => rings.push(clock.now()));
  alarm.set(undefined);
  assert.deepEqual(clock.pendingTimers(), []);
  alarm.set(millis(500));
  alarm.set(millis(900));
  alarm.set(millis(200));
  assert.equal(clock.pendingTimers().length, 1);
  clock.advance(seconds(1));
  assert.deepEqual(rings, [200]);
  alarm.set(millis(100));
  clock.advance(millis(0));
  assert.deepEqual(rings, [200, 1000], "what is due already rings at once");
});

test("an alarm may be set while it rings, and does not ring once it is disposed of", () => {
  const clock = new FakeClock();
  let rings = 0;
  const alarm: Alarm = new Alarm(clock, "alarm", () => {
    rings += 1;
    alarm.set(millis(clock.now() + 10));
  });
  alarm.set(millis(10));
  clock.advance(millis(95));
  assert.equal(rings, 9);
  alarm[Symbol.dispose]();
  alarm[Symbol.dispose]();
  clock.advance(seconds(1));
  assert.deepEqual([rings, clock.pendingTimers()], [9, []]);
});

const exposure = { request: { kind: "port", port: 22 } } as unknown as Exposure;

function waitingOne(waiting: WaitingConnections) {
  const connection = new FakeConnection({ address: ipAddress("127.0.0.1"), port: 9 });
  const state = { connection, places: 1 };
  const place = {
    [Symbol.dispose]: () => {
      state.places -= 1;
    },
  };
  waiting.add({ connection, exposure, place }, seconds(10));
  return state;
}

test("connections wait for a session so long and are then reset, each with its place", () => {
  const clock = new FakeClock();
  const waiting = new WaitingConnections(clock);
  const first = waitingOne(waiting);
  clock.advance(seconds(6));
  const second = waitingOne(waiting);
  clock.advance(seconds(5));
  assert.deepEqual(
    [first.connection.fate, first.places, second.connection.fate, second.places],
    ["reset", 0, "open", 1],
  );
  assert.deepEqual(
    waiting.takeAll().map(({ connection }) => connection),
    [second.connection],
  );
  assert.deepEqual([waiting.size, clock.pendingTimers(), second.places], [0, [], 1]);
});

test("whoever waits when nothing is waited for any more is reset", () => {
  const clock = new FakeClock();
  const waiting = new WaitingConnections(clock);
  const one = waitingOne(waiting);
  waiting[Symbol.dispose]();
  waiting[Symbol.dispose]();
  assert.deepEqual([one.connection.fate, one.places, clock.pendingTimers()], ["reset", 0, []]);
});

test("what drains is waited for until nothing is left, or until the time is over", async () => {
  const clock = new FakeClock();
  let left = 3;
  const pass = async () => {
    await settled();
    clock.advance(millis(20));
    await settled();
  };
  const empty = drained(clock, seconds(1), () => left);
  for (; left > 0; left -= 1) await pass();
  await pass();
  assert.equal(await empty, "empty");
  const cut = drained(clock, millis(50), () => 1);
  for (let turn = 0; turn < 4; turn += 1) await pass();
  assert.equal(await cut, "cut");
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a lane that takes everything has ever larger records, and one that does not has five milliseconds' worth", () => {
  const pace = new Pace();
  for (let count = 0; count < 10; count += 1) pace.gave(millis(0), pace.record, true);
  assert.deepEqual([pace.record, pace.rate], [524_288, undefined]);
  for (let at = 0; at < 1000; at += 10) {
    pace.gave(millis(at), 12_500, false);
    pace.taken(millis(at + 10), 0);
  }
  // 10 Mbit/s is 1250 octets in a millisecond.
  assert.ok(Math.abs((pace.rate ?? 0) - 1_250_000) < 20_000, `${pace.rate}`);
  assert.ok(Math.abs(pace.record - 6250) < 100, `${pace.record}`);
  assert.ok(pace.unsent <= 2 * pace.record);
});

test("what is measured over a rest, or by a glance, says nothing", () => {
  const pace = new Pace();
  pace.gave(millis(0), 100_000, false);
  pace.taken(millis(2), 0);
  assert.equal(pace.rate, undefined);
  pace.rest();
  pace.gave(millis(5000), 100, true);
  pace.taken(millis(6000), 0);
  assert.equal(pace.rate, undefined);
});

test("records are never smaller than a packet or two, nor larger than a turn's worth of the fastest lane", () => {
  const pace = new Pace();
  for (let at = 0; at < 100_000; at += 1000) {
    pace.gave(millis(at), 10, false);
    pace.taken(millis(at + 1000), 0);
  }
  assert.deepEqual([pace.record, pace.unsent], [4096, 8192]);
  for (let at = 100_000; at < 101_000; at += 5) {
    pace.gave(millis(at), 100_000_000, false);
    pace.taken(millis(at + 5), 0);
  }
  assert.deepEqual([pace.record, pace.unsent], [524_288, 524_288]);
});
