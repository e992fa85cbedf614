/** The times of the silence detector: when a burst begins, when a path is dead, and how long receiving puts that off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeTarget } from "@ropewalk/backhaul/pure/health/health-config";
import { newPulses, type Pulses, sent } from "@ropewalk/backhaul/pure/health/pulses";
import type { RttEstimate } from "@ropewalk/backhaul/pure/health/rtt";
import {
  burstInterval,
  gapAfterStop,
  isRare,
  mayExtend,
  newBurst,
  type Quiet,
  silenceBound,
  silentAt,
  suspiciousAt,
} from "@ropewalk/backhaul/pure/health/silence";
import { millis, seconds } from "@ropewalk/kernel/units";
import { ip } from "./rig.ts";

const targets = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map((address, index): ProbeTarget => {
  return { name: `t${index}`, address: ip(address), port: 443, tlsName: undefined };
});

function estimate(base: number, smoothed = base, variation = 0): RttEstimate {
  const latest = millis(smoothed);
  return {
    base: millis(base),
    smoothed: latest,
    variation: millis(variation),
    jitter: millis(0),
    latest,
    isFirst: false,
  };
}

function pulses(interval: number, { count = 2, require = 1, rtt = estimate(20) } = {}): Pulses {
  const profile = { interval: millis(interval), cycle: seconds(30) };
  const made = newPulses(targets.slice(0, count), profile, require, millis(0));
  return { ...made, targets: made.targets.map((health) => ({ ...health, rtt, heardAt: millis(0) })) };
}

/** Heard last at 10 s. */
function quiet(own: Pulses, rest: Partial<Quiet> = {}): Quiet {
  return { pulses: own, heardAt: seconds(10), hasHeard: true, burst: undefined, ownGap: undefined, ...rest };
}

/** As though so many pulses in a row to the first `count` targets had been lost. */
function hopeless(own: Pulses, count: number, by: "echo" | "tcp" = "echo"): Pulses {
  return {
    ...own,
    targets: own.targets.map((health, index) => (index < count ? { ...health, by, misses: 4 } : health)),
  };
}

test("a path is dead three intervals after it was heard, and later by what replies stray", () => {
  assert.equal(silenceBound(quiet(pulses(50))), 150);
  assert.equal(silenceBound(quiet(pulses(1_000, { rtt: estimate(20, 20, 5) }))), 3_020);
  assert.equal(silentAt(quiet(pulses(50))), 10_150);
});

test("distance does not count, a queue that fills does", () => {
  assert.equal(silenceBound(quiet(pulses(50, { rtt: estimate(300) }))), 150);
  assert.equal(silenceBound(quiet(pulses(50, { rtt: estimate(20, 320) }))), 450);
});

test("a path that was never heard has four seconds, whatever its pulses", () => {
  for (const interval of [50, 1_000, 60_000]) {
    assert.equal(silentAt(quiet(pulses(interval), { hasHeard: false })), 14_000);
  }
});

test("pulsed by TCP a path is given three seconds in fast, too", () => {
  assert.equal(silenceBound(quiet(hopeless(pulses(50), 2, "tcp"))), 3_000);
  assert.equal(silenceBound(quiet(hopeless(pulses(50), 1, "tcp"))), 150, "one that answers to ICMP is enough");
});

test("a burst begins when one reply too many is missing", () => {
  const begins = (own: Pulses) => suspiciousAt(quiet(own), seconds(10));
  assert.equal(begins(pulses(1_000)), 11_000, "of two targets");
  assert.equal(begins(pulses(1_000, { count: 1 })), 12_000, "of one");
  assert.equal(begins(hopeless(pulses(1_000), 1)), 12_000, "of one that is left");
  assert.equal(begins(pulses(1_000, { count: 3, require: 2 })), 11_000, "where two of three must answer");
  assert.equal(begins(pulses(1_000, { rtt: estimate(20, 120, 10) })), 11_140, "and later by what replies stray");
});

test("no burst begins within a burst, nor before the first sign of life", () => {
  const own = pulses(1_000);
  assert.equal(suspiciousAt(quiet(own, { burst: newBurst("gap", seconds(11)) }), seconds(12)), undefined);
  assert.equal(suspiciousAt(quiet(own, { hasHeard: false }), seconds(12)), undefined);
});

test("the rounds of a burst are a fifth of the interval apart, and 10 to 100 ms", () => {
  assert.deepEqual(
    [20, 50, 200, 1_000, 60_000].map((interval) => burstInterval(pulses(interval))),
    [10, 10, 40, 100, 100],
  );
  assert.equal(burstInterval(hopeless(pulses(50), 2, "tcp")), 100, "handshakes are no flood");
});

test("pulses ten seconds apart are rare", () => {
  assert.deepEqual([isRare(pulses(9_999)), isRare(pulses(10_000))], [false, true]);
});

test("where pulses are rare, one that is overdue by a second begins a burst, and ten rounds of it decide", () => {
  const pulsed = sent(pulses(60_000), { target: 0, kind: "echo", isPlanned: true }, 1, seconds(60));
  assert.equal(suspiciousAt(quiet(pulsed), millis(60_010)), undefined, "it may be answered yet");
  assert.equal(suspiciousAt(quiet(pulsed), millis(60_021)), 61_000);
  assert.equal(
    suspiciousAt(quiet(pulsed, { heardAt: millis(60_015) }), millis(61_500)),
    undefined,
    "another was heard",
  );
  const slow = sent(
    pulses(60_000, { rtt: estimate(900, 900, 100) }),
    { target: 0, kind: "echo", isPlanned: true },
    1,
    seconds(60),
  );
  assert.equal(suspiciousAt(quiet(slow), millis(61_400)), 61_300, "as long as replies take");
  const burst = newBurst("gap", seconds(61));
  assert.equal(silentAt(quiet(pulsed, { burst })), 61_000 + 10 * 100 + 20);
});

test("traffic that gets no answer is decided by four rounds", () => {
  const burst = newBurst("passive", seconds(61));
  assert.equal(silentAt(quiet(pulses(60_000), { burst })), 61_000 + 4 * 100 + 20);
  assert.equal(silentAt(quiet(pulses(60_000))), 10_000 + 3 * 60_000, "without a burst three intervals do");
});

test("receiving puts the verdict off twice, when more comes in than a neighbour's chatter", () => {
  const burst = { ...newBurst("gap", seconds(11)), received: { bytes: 0, packets: 100 } };
  const isMore = (packets: number, after: number, own = burst) =>
    mayExtend(own, { bytes: 0, packets: 100 + packets }, millis(11_000 + after));
  assert.deepEqual([isMore(11, 50), isMore(12, 50)], [false, true]);
  assert.deepEqual([isMore(149, 1_000), isMore(150, 1_000)], [false, true], "150 a second");
  assert.deepEqual(
    [isMore(12, 50, { ...burst, extensions: 1 }), isMore(12, 50, { ...burst, extensions: 2 })],
    [true, false],
  );
  assert.equal(mayExtend(burst, undefined, seconds(12)), false);
  assert.equal(mayExtend({ ...burst, received: undefined }, { bytes: 0, packets: 900 }, seconds(12)), false);
});

test("each time it is put off by as long again", () => {
  const burst = newBurst("gap", seconds(11));
  assert.equal(silentAt(quiet(pulses(1_000), { burst: { ...burst, extensions: 1 } })), 16_000);
  assert.equal(silentAt(quiet(pulses(1_000), { burst: { ...burst, extensions: 2 } })), 19_000);
  const rare = { ...newBurst("passive", seconds(61)), extensions: 1 };
  assert.equal(silentAt(quiet(pulses(60_000), { burst: rare })), 61_000 + 2 * 420);
});

test("what we did not send is no silence of the path, a round trip later", () => {
  const own = pulses(50, { rtt: estimate(300) });
  const ownGap = gapAfterStop(quiet(own), seconds(2), seconds(10));
  assert.deepEqual(ownGap, { until: 10_300, length: 2_000 });
  assert.equal(silentAt(quiet(own, { ownGap })), 10_150 + 300);
  assert.equal(suspiciousAt(quiet(own, { ownGap }), seconds(10)), 10_050 + 300);
  assert.equal(
    silentAt(quiet(own, { ownGap, heardAt: millis(10_200) })),
    10_350 + 100,
    "as far as it is still to come",
  );
  assert.equal(silentAt(quiet(own, { ownGap, heardAt: millis(10_400) })), 10_550, "and once");
  const short = gapAfterStop(quiet(own), millis(40), seconds(10));
  assert.equal(silentAt(quiet(own, { ownGap: short })), 10_150 + 40, "and never for longer than we were stopped");
});

test("a short stop after a long one neither ends nor renews what is forgiven for that", () => {
  const own = pulses(50, { rtt: estimate(300) });
  const ownGap = gapAfterStop(quiet(own), seconds(2), seconds(10));
  assert.equal(gapAfterStop(quiet(own, { ownGap }), millis(40), millis(10_100)), ownGap);
  assert.deepEqual(gapAfterStop(quiet(own, { ownGap }), millis(40), millis(10_280)), { until: 10_580, length: 40 });
});
