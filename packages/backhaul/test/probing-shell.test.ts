/** The shell that measures does what it is told, once, and nothing after its end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HealthCounts } from "@ropewalk/backhaul/health-counts";
import type { OnOutcome } from "@ropewalk/backhaul/io/probes/probe-runner";
import { ProbingShell } from "@ropewalk/backhaul/probing-shell";
import type { ProbePath, ProbeRequest } from "@ropewalk/backhaul/pure/health/probe";
import type { BackhaulInput } from "@ropewalk/backhaul/pure/state";
import type { LinkCounters } from "@ropewalk/host/facts";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { subject } from "./pure/health/rig.ts";

const { path } = subject();
const request: ProbeRequest = { id: 513, path, question: { kind: "echo", target: path.source }, limit: seconds(4) };
const answer = { id: 513, result: { kind: "answered", rtt: millis(5) }, traffic: { sent: 28, received: 28 } } as const;

const counters: LinkCounters = {
  receivedBytes: 1_000,
  sentBytes: 2_000,
  receivedPackets: 10,
  sentPackets: 20,
  receiveErrors: 0,
  sendErrors: 0,
  receiveDropped: 0,
  sendDropped: 0,
};

function shellOn(known: ReadonlyMap<number, LinkCounters> = new Map()) {
  const clock = new FakeClock();
  const inputs: BackhaulInput[] = [];
  const asked: ProbeRequest[] = [];
  const followed: (readonly ProbePath[])[] = [];
  const counts = new HealthCounts();
  let hear: OnOutcome = () => {};
  const shell = new ProbingShell({
    clock,
    probes: (onOutcome) => {
      hear = onOutcome;
      return {
        run: (one) => void asked.push(one),
        follow: (paths) => void followed.push(paths),
        [Symbol.asyncDispose]: async () => {},
      };
    },
    counters: () => known,
    counts,
    feed: (input) => void inputs.push(input),
  });
  return { clock, inputs, asked, followed, counts, shell, hear: (outcome: typeof answer) => hear(outcome) };
}

test("a tick comes when it was wanted, with the time it was due at, and once", () => {
  const { clock, inputs, shell } = shellOn();
  shell.wake(millis(300));
  clock.advance(millis(299));
  assert.deepEqual(inputs, []);
  clock.advance(seconds(5));
  assert.deepEqual(inputs, [{ kind: "tick", at: 300, due: 300 }]);
});

test("of two ticks only the one wanted last comes; none comes when none is wanted", () => {
  const { clock, inputs, shell } = shellOn();
  shell.wake(millis(300));
  shell.wake(millis(500));
  clock.advance(millis(400));
  assert.deepEqual(inputs, []);
  shell.wake(undefined);
  clock.advance(seconds(5));
  assert.deepEqual([inputs, clock.pendingTimers()], [[], []]);
});

test("a tick that was wanted in the past comes at once", () => {
  const { clock, inputs, shell } = shellOn();
  clock.advance(seconds(2));
  shell.wake(seconds(1));
  clock.advance(millis(0));
  assert.deepEqual(inputs, [{ kind: "tick", at: 2_000, due: 1_000 }]);
});

test("counters are told of the interfaces that are there", () => {
  const { inputs, shell } = shellOn(new Map([[2, counters]]));
  shell.readTraffic([2, 3]);
  const counts = new Map([[2, { receivedBytes: 1_000, receivedPackets: 10, sentPackets: 20 }]]);
  assert.deepEqual(inputs, [{ kind: "traffic", at: 0, counts }]);
});

test("a probe is asked and counted, and what came of it is told", () => {
  const { clock, inputs, asked, counts, followed, shell, hear } = shellOn();
  shell.follow([path]);
  shell.probe(request);
  clock.advance(millis(5));
  hear(answer);
  assert.deepEqual([asked, followed], [[request], [[path]]]);
  assert.deepEqual(inputs, [{ kind: "probed", at: 5, outcome: answer }]);
  assert.deepEqual(counts.bytesOf(path.uplinkId, clock.now()), { sent: 28, received: 28 });
});

test("after its end nothing is asked, followed, heard or woken", async () => {
  const { clock, inputs, asked, followed, shell, hear } = shellOn();
  shell.wake(seconds(1));
  await shell[Symbol.asyncDispose]();
  shell.probe(request);
  shell.follow([path]);
  shell.wake(seconds(2));
  hear(answer);
  clock.advance(seconds(5));
  assert.deepEqual([inputs, asked, followed], [[], [], []]);
});
