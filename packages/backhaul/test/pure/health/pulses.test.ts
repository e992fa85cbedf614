/** When pulses go out, to whom, and what becomes of each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeTarget } from "@ropewalk/backhaul/pure/health/health-config";
import {
  burstOf,
  effectiveInterval,
  expired,
  forgiven,
  heard,
  newPulses,
  type Pulses,
  relieved,
  revived,
  sent,
  takeDue,
} from "@ropewalk/backhaul/pure/health/pulses";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { ip } from "./rig.ts";

const all = ["a", "b", "c", "d", "e"].map((name, index): ProbeTarget => {
  return { name, address: ip(`192.0.2.${index + 1}`), port: 443, tlsName: undefined };
});

function pulses(count: number, { interval = 1_000, require = 1 } = {}): Pulses {
  return newPulses(all.slice(0, count), { interval: millis(interval), cycle: seconds(30) }, require, millis(0));
}

/** When pulses go out until `end`, and to whom; nothing is lost, nothing is heard. */
function plan(start: Pulses, end: number, isNew = false): readonly { readonly at: Millis; readonly target: number }[] {
  const planned: { at: Millis; target: number }[] = [];
  let next = start;
  while (next.nextAt < end) {
    const at = next.nextAt;
    const { pulses: after, due } = takeDue(next, isNew, at);
    planned.push(...due.map(({ target }) => ({ at, target })));
    next = after;
  }
  return planned;
}

const echo = (target: number) => ({ target, kind: "echo", isPlanned: true }) as const;

/** `count` pulses to one target, ten milliseconds apart from `at` on, that nobody answers. */
function lost(before: Pulses, target: number, count: number, at = 0): Pulses {
  let after = before;
  for (let index = 0; index < count; index += 1) {
    after = sent(after, echo(target), 1_000 * target + index + at, millis(at + index * 10));
  }
  return expired(after, millis(at + count * 10 + 8_001));
}

const names = ({ targets }: Pulses) => targets.map(({ target }) => target.name);

for (const [profile, interval, count, require] of [
  ["fast", 50, 2, 1],
  ["fast", 50, 3, 2],
  ["normal", 1_000, 2, 1],
  ["normal", 1_000, 5, 3],
  ["20 ms", 20, 5, 4],
] as const) {
  test(`in ${profile} each of ${require + 1} targets has one pulse in an interval, none twice`, () => {
    const duration = interval * 600;
    const planned = plan(pulses(count, { interval, require }), duration);
    const due = (duration / interval) * (require + 1);
    assert.ok(Math.abs(planned.length - due) <= 1, `${planned.length} instead of ${due}`);
    for (let target = 0; target <= require; target += 1) {
      const own = planned.filter((pulse) => pulse.target === target).length;
      assert.ok(Math.abs(own - duration / interval) <= 2, `${own} to target ${target}`);
    }
  });
}

test("pulses to two targets fall evenly into both halves of every second, so that no flapping hides from them", () => {
  for (const target of [0, 1]) {
    const own = plan(pulses(2), 600_000).filter((pulse) => pulse.target === target);
    const early = own.filter(({ at }) => at % 1_000 < 500).length / own.length;
    assert.ok(early > 0.45 && early < 0.55, `${early} of target ${target}`);
  }
});

test("all paths keep to one plan of time, so that they share their wakings", () => {
  const times = plan(pulses(2), 60_000).map(({ at }) => at);
  const later = plan({ ...pulses(2), nextAt: millis(10_001), next: 5 }, 60_000).map(({ at }) => at);
  assert.deepEqual(
    later.slice(1),
    times.filter((at) => at > 10_001),
  );
});

test("rare pulses come every second while the path was not heard yet", () => {
  const rare = pulses(2, { interval: 60_000 });
  assert.ok(plan(rare, 4_000, true).length >= 4);
  assert.equal(plan(rare, 4_000).length, 1);
});

test("where one must answer two targets are pulsed, where k must k + 1 are; the rest stands in", () => {
  assert.deepEqual(
    [names(pulses(5)), names(pulses(5, { require: 3 }))],
    [
      ["a", "b"],
      ["a", "b", "c", "d"],
    ],
  );
  assert.deepEqual(
    pulses(5).spare.map(({ name }) => name),
    ["c", "d", "e"],
  );
});

test("without a target there is nothing to send", () => {
  assert.deepEqual([takeDue(pulses(0), true, seconds(5)).due, burstOf(pulses(0))], [[], []]);
});

test("a burst asks every target that is pulsed", () => {
  assert.deepEqual(
    burstOf(pulses(3)).map(({ target, kind, isPlanned }) => [target, kind, isPlanned]),
    [
      [0, "echo", false],
      [1, "echo", false],
    ],
  );
});

/** How long after it was sent a pulse counts as lost, where replies take `rtt`. */
function lostAfter(rtt: number | undefined, isOvertaken: boolean): number | undefined {
  let own = pulses(1);
  if (rtt !== undefined) own = heard(sent(own, echo(0), 1, millis(0)), 1, millis(rtt), millis(rtt))?.pulses ?? own;
  own = sent(own, echo(0), 2, millis(10_000));
  if (isOvertaken) own = { ...own, answeredTo: millis(10_025) };
  for (let after = 0; after <= 8_500; after += 50) {
    if ((expired(own, millis(10_000 + after)).targets[0]?.misses ?? 0) > 0) return after - 50;
  }
  return undefined;
}

test("a pulse that another overtook is lost after half a second, and later when replies take long", () => {
  const times = [10, 200, undefined, 3_000].map((rtt) => lostAfter(rtt, true));
  assert.deepEqual(times, [500, 1_200, 2_000, 8_000]);
});

test("a pulse behind which nothing was answered may wait in a queue, and is lost after four seconds at the soonest", () => {
  assert.deepEqual(
    [10, 200, undefined, 3_000].map((rtt) => lostAfter(rtt, false)),
    [4_000, 4_000, 4_000, 8_000],
  );
});

test("a reply after that is heard all the same, and after eight seconds no more", () => {
  const own = expired(sent(pulses(1), echo(0), 1, millis(0)), millis(4_500));
  assert.deepEqual([own.targets[0]?.misses, own.targets[0]?.window.buckets[0]?.lost], [1, 1]);
  const late = heard(own, 1, millis(5_000), millis(5_000));
  assert.deepEqual([late?.isLife, late?.pulses.targets[0]?.misses], [true, 0]);
  assert.deepEqual(
    late?.pulses.targets[0]?.window.buckets.map(({ lost: gone, answered }) => [gone, answered]),
    [[0, 1]],
  );
  assert.equal(heard(expired(own, millis(8_001)), 1, millis(8_100), millis(8_100)), undefined);
});

test("a pulse is lost once, and heard once", () => {
  const own = lost(pulses(1), 0, 1);
  assert.equal(expired(own, millis(9_000)), own);
  const refused = sent(pulses(1), echo(0), 1, millis(0));
  const after = heard(refused, 1, undefined, millis(10));
  assert.deepEqual([after?.isLife, after?.pulses.targets[0]?.misses, after?.pulses.inFlight], [false, 1, []]);
  assert.equal(heard(after?.pulses ?? refused, 1, millis(20), millis(20)), undefined);
});

test("of more than 1,024 pulses under way the oldest are forgotten", () => {
  let own = pulses(1, { interval: 20 });
  for (let id = 0; id < 1_100; id += 1) own = sent(own, echo(0), id, millis(id));
  const { inFlight } = expired(own, millis(1_100));
  assert.deepEqual([inFlight.length, inFlight[0]?.id], [1_024, 76]);
});

test("what was under way while we were stopped is neither lost nor timed, and a sign of life all the same", () => {
  const own = forgiven(sent(pulses(1), echo(0), 1, millis(0)));
  assert.equal(expired(own, millis(3_000)).targets[0]?.misses, 0);
  const reply = heard(own, 1, millis(2_000), millis(2_000));
  assert.deepEqual(
    [reply?.isLife, reply?.pulses.targets[0]?.rtt, reply?.pulses.targets[0]?.heardAt],
    [true, undefined, 2_000],
  );
});

test("a path that came back has lost nothing yet", () => {
  const own = revived(sent(lost(pulses(2), 0, 6), echo(1), 99, millis(8_000)));
  assert.deepEqual(
    own.targets.map(({ misses, unanswered, window }) => [misses, unanswered, window.buckets.length]),
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  );
  assert.ok(own.inFlight.every(({ isForgiven }) => isForgiven));
});

test("where TCP passes long after ICMP last did, every target is pulsed by TCP, a second apart", () => {
  const silent = lost(pulses(2, { interval: 50 }), 0, 4);
  assert.equal(relieved(silent, undefined), silent, "without a connection nothing is known of TCP");
  assert.equal(relieved(silent, millis(2_999)), silent, "both may have ended together");
  const byTcp = relieved(silent, millis(3_000));
  assert.deepEqual([byTcp.targets.map(({ by }) => by), effectiveInterval(byTcp)], [["tcp", "tcp"], 1_000]);
  const fresh = relieved(pulses(2, { interval: 50 }), millis(3_000));
  assert.deepEqual(
    fresh.targets.map(({ by }) => by),
    ["echo", "echo"],
    "who was not asked may answer yet",
  );
});

test("how long ICMP must have been silent follows the interval", () => {
  const from = (interval: number) => {
    const silent = lost(pulses(2, { interval }), 0, 4);
    const isByTcp = (at: number) => relieved(silent, millis(at)).targets[0]?.by === "tcp";
    return [3_000, 6_000, 30_000, 40_000, 120_000].find(isByTcp);
  };
  assert.deepEqual([50, 1_000, 10_000, 20_000, 60_000].map(from), [3_000, 6_000, 30_000, 40_000, 120_000]);
});

test("one pulse in thirty asks whether ICMP passes again; it is missed by nobody, and heard at once", () => {
  let own = relieved(lost(pulses(1), 0, 4), seconds(60));
  const kinds: string[] = [];
  for (let id = 0; id < 60; id += 1) {
    const [pulse] = burstOf(own);
    if (pulse === undefined) throw new Error("there is a target");
    kinds.push(pulse.kind);
    own = sent(own, pulse, id, millis(60_000 + id));
  }
  assert.deepEqual(
    [kinds.filter((kind) => kind === "echo").length, kinds.indexOf("echo"), kinds.lastIndexOf("echo")],
    [2, 29, 59],
  );
  const onlyEcho = { ...own, inFlight: own.inFlight.filter(({ kind }) => kind === "echo") };
  assert.equal(expired(onlyEcho, seconds(100)).targets[0]?.misses, 0);
  const reply = heard(own, 29, millis(5), millis(60_100))?.pulses;
  assert.deepEqual([reply?.targets[0]?.by, reply?.echoedAt], ["echo", 60_100]);
  const late = reply && heard(reply, 30, millis(5), millis(60_200))?.pulses;
  assert.equal(late?.targets[0]?.by, "echo", "a handshake that is answered later changes nothing");
});

test("a target that misses twelve pulses makes room for the next in line, while another answers", () => {
  const living = heard(sent(pulses(4), echo(1), 1, millis(0)), 1, millis(5), millis(5))?.pulses ?? pulses(4);
  const eleven = lost(living, 0, 11);
  assert.deepEqual(names(relieved(eleven, undefined)), ["a", "b"]);
  const twelve = relieved(lost(living, 0, 12), undefined);
  assert.deepEqual(
    [names(twelve), twelve.spare.map(({ name }) => name)],
    [
      ["c", "b"],
      ["d", "a"],
    ],
  );
  assert.deepEqual(
    twelve.inFlight.filter(({ target }) => target === 0),
    [],
  );
});

test("while none answers only the last makes room, and takes over how it was pulsed", () => {
  const dead = lost(lost(pulses(4), 0, 12), 1, 12, 5_000);
  assert.deepEqual(names(relieved(dead, undefined)), ["a", "c"]);
  const byTcp = relieved(lost(pulses(4), 0, 4), seconds(60));
  const deadByTcp = { ...byTcp, targets: byTcp.targets.map((health) => ({ ...health, misses: 12 })) };
  assert.deepEqual(
    relieved(deadByTcp, undefined).targets.map(({ target, by }) => [target.name, by]),
    [
      ["a", "tcp"],
      ["c", "tcp"],
    ],
  );
  assert.deepEqual(names(relieved(lost(pulses(1), 0, 12), undefined)), ["a"], "unless there is none");
});
