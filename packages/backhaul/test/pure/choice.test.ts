/** Which uplink is used, when it is left and for which, and that every other one is told why not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { choose, noChoice } from "@ropewalk/backhaul/pure/choice";
import { kindBias } from "@ropewalk/backhaul/pure/kind-bias";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis } from "@ropewalk/kernel/units";
import { as, Chooser, candidate, config, score, unplugged, up } from "./choice-fixture.ts";

function chosen(...candidates: readonly Candidate[]): string {
  const { decision } = choose(noChoice, candidates, null, millis(0), config);
  return `${decision.name}: ${decision.reason}`;
}

test("while nothing is measured, cost decides, then kind, then the kernel's metric, then the id, and it is told", () => {
  const down = candidate("a", unplugged);
  const metered = candidate("b", { metered: true });
  const wifi = candidate("c", { kind: "wifi" });
  const slower = candidate("d", { metric: 200 });
  assert.equal(chosen(down), "null: no uplink can be used");
  assert.equal(chosen(down, metered), "b: b is the only uplink with carrier, address and route");
  assert.equal(chosen(down, metered, wifi), "c: c is not known to be metered, b is");
  assert.equal(chosen(wifi, slower), "d: d is Ethernet (bias 100), c is Wi-Fi (bias 80)");
  const equal = "of equal ones the kernel's route by e has the lower metric (100; d: 200)";
  assert.equal(chosen(slower, candidate("e")), `e: ${equal}`);
  assert.equal(chosen(candidate("g"), candidate("f")), "f: f and g are equal in all, and mac-f comes first by name");
});

test("one uplink needs no comparison, and none is said to be none", () => {
  assert.equal(chosen(candidate("a")), "a: a is the only uplink");
  assert.equal(chosen(), "null: there is no uplink");
});

test("while nothing is measured, what is liked better is taken as soon as it is there", () => {
  const chooser = new Chooser();
  const wifi = candidate("wlan0", { kind: "wifi" });
  assert.equal(chooser.ask(wifi), "wlan0");
  assert.equal(chooser.ask(wifi, candidate("eth0")), "eth0");
  assert.equal(chooser.ask(wifi, candidate("eth0", unplugged)), "wlan0");
});

test("a start takes over the uplink that an earlier run had put in the kernel, and leaves it by the usual rules only", () => {
  const starting = { state: "probing", reason: { code: "starting", text: "the first probes are out" } } as const;
  const liked = candidate("a", starting);
  const steered = candidate("b", { ...starting, metric: 200 });
  const kernel = { uplinkId: steered.uplinkId, name: "b", isDeadEnd: false, isOurs: true, shares: [] };
  const start = choose(noChoice, [liked, steered], kernel, millis(0), config);
  assert.equal(start.decision.name, "b");
  const later = choose(start.state, [liked, steered], kernel, millis(100), config);
  assert.equal(later.decision.name, "b", "before anything was measured, liking is no reason");
  const foreign = choose(noChoice, [liked, steered], { ...kernel, isOurs: false }, millis(0), config);
  assert.equal(foreign.decision.name, "a");
  const judged = choose(later.state, [{ ...liked, ...up }, steered], kernel, millis(200), config);
  assert.equal(
    judged.decision.name,
    "b",
    "one that works is waited for, until the other was judged too or the hold is over",
  );
});

test("Ethernet is liked best, tethers least", () => {
  const order = Object.entries(kindBias).toSorted(([, a], [, b]) => b - a);
  assert.equal(order[0]?.[0], "ethernet");
  assert.deepEqual(
    order.slice(-2).map(([kind]) => kind),
    ["usb-tether", "bluetooth-pan"],
  );
});

test("of several uplinks that the kernel uses the chosen one is named", () => {
  const share = { weight: 1, percent: 50 };
  const shares = ["a", "b"].map((name) => ({ uplinkId: `mac-${name}` as UplinkId, name, ...share }));
  const kernel = { uplinkId: "mac-b" as UplinkId, name: "b", isDeadEnd: false, isOurs: false, shares };
  const named = (...candidates: readonly Candidate[]) =>
    choose(noChoice, candidates, kernel, millis(0), config).decision.kernel?.name;
  assert.equal(named(candidate("a"), candidate("b")), "a");
  assert.equal(named(candidate("a", unplugged), candidate("b")), "b");
  assert.equal(named(candidate("c", up(900)), candidate("b")), "b", "what was chosen is not among them");
});

test("a kernel that sends into an interface without carrier is told of", () => {
  const deadEnd = { uplinkId: "mac-9" as UplinkId, name: "eth9", isDeadEnd: true, isOurs: false, shares: [] };
  const reason = (kernel: typeof deadEnd) =>
    choose(noChoice, [candidate("a")], kernel, millis(0), config).decision.reason;
  assert.match(reason(deadEnd), /the kernel goes on sending by eth9, which has no carrier/);
  assert.doesNotMatch(reason({ ...deadEnd, isDeadEnd: false, isOurs: false }), /kernel/);
});

test("an uplink that works is left for a better one only when that was better by the margin without a gap for a minute", () => {
  const chooser = new Chooser();
  const [a, b] = [candidate("a", up(800)), candidate("b", up(980))];
  assert.equal(chooser.ask(a, candidate("b", as("starting"))), "a");
  assert.equal(chooser.ask(a, b), "a");
  assert.equal(
    chooser.reason,
    "a stays: b's score 980 is 180 better than a's 800, and takes over once that held for 60 s",
  );
  assert.equal(chooser.last?.deadline, 60_000);
  assert.equal(chooser.after(40, a, candidate("b", up(899))), "a");
  assert.equal(chooser.reason, "a stays: b's score 899 is 99 better, less than the margin of 100");
  assert.equal(chooser.after(40, a, b), "a");
  assert.equal(chooser.after(59.9, a, b), "a");
  assert.equal(chooser.after(0.1, a, b), "b");
  assert.equal(chooser.last?.switched?.because, "b's score 980 is 180 better than a's 800, for 60 s");
  assert.equal(chooser.reason, "a's score 800 is 180 less than b's 980");
});

test("a score that is better by what chance or a full queue may explain is no cause, and says so", () => {
  const chooser = new Chooser();
  const a = candidate("a", { ...up(800), range: { low: 750, high: 890 } });
  const b = candidate("b", { ...up(920), range: { low: 914, high: 950 } });
  chooser.ask(a);
  assert.equal(chooser.ask(a, b), "a");
  const figures = "(914 to 950; a: 750 to 890)";
  assert.equal(
    chooser.reason,
    `a stays: b's score 920 is 120 better, which chance or a full queue may explain ${figures}`,
  );
  assert.equal(chooser.last?.deadline, undefined);
  const surer = candidate("b", { ...up(920), range: { low: 915, high: 950 } });
  chooser.ask(a, surer);
  assert.equal(chooser.after(60, a, surer), "b");
});

test("what is liked better is returned to when it was as good for ten seconds, and not while it is worse", () => {
  const chooser = new Chooser();
  const wifi = candidate("wlan0", { kind: "wifi", ...up(950) });
  chooser.ask(wifi);
  assert.equal(chooser.ask(wifi, candidate("eth0", up(899))), "wlan0");
  assert.equal(chooser.last?.deadline, undefined);
  assert.equal(chooser.reason, "wlan0 stays: eth0's score 899 is 51 less than wlan0's 950");
  assert.equal(chooser.ask(wifi, candidate("eth0", up(900))), "wlan0");
  const liked = "eth0 is Ethernet (bias 100), wlan0 is Wi-Fi (bias 80)";
  assert.equal(chooser.reason, `wlan0 stays: ${liked}; eth0 takes over once it was as good for 10 s`);
  assert.equal(chooser.after(10, wifi, candidate("eth0", up(900))), "eth0");
  assert.equal(chooser.last?.switched?.because, `${liked}, for 10 s`);
  assert.equal(chooser.reason, "eth0 stays: wlan0's score 950 is 50 better, less than the margin of 100");
  chooser.ask(candidate("wlan0", { kind: "wifi", ...up(880) }), candidate("eth0", up(900)));
  assert.equal(chooser.reason, liked);
});

test("of equals the one in use stays: an id is no cause", () => {
  const chooser = new Chooser();
  chooser.ask(candidate("b", up(900)));
  assert.equal(chooser.after(1_000, candidate("a", up(900)), candidate("b", up(900))), "b");
  assert.equal(chooser.reason, "b stays: b and a are equal in all, and b is in use");
});

test("a dead uplink is left at once for one that works, and its place says why", () => {
  const chooser = new Chooser();
  const b = candidate("b", { kind: "lte", ...up(700) });
  assert.equal(chooser.ask(candidate("a", up(990)), b), "a");
  const dead = candidate("a", as("silent", "no target answers"));
  assert.equal(chooser.ask(dead, b), "b");
  assert.equal(chooser.last?.switched?.because, "a is down: no target answers");
  assert.equal(chooser.reason, "b is the only uplink that is known to carry traffic");
  assert.equal(chooser.rejection("a"), "a is down: no target answers");
});

test("a dead uplink is left at once for one that may work, be it returning or unmeasured", () => {
  for (const code of ["starting", "returning", "suppressed", "strict-rp-filter"] as const) {
    const chooser = new Chooser();
    chooser.ask(candidate("a", up(990)));
    assert.equal(chooser.ask(candidate("a", as("silent")), candidate("b", as(code))), "b", code);
    assert.equal(chooser.reason, "b is the only uplink that may carry traffic");
  }
});

test("the last usable uplink is never left, dead or behind a portal, nor for one that is as bad", () => {
  const chooser = new Chooser();
  chooser.ask(candidate("a", up(990)), candidate("b", unplugged));
  assert.equal(chooser.ask(candidate("a", as("silent", "no target answers")), candidate("b", unplugged)), "a");
  assert.equal(chooser.reason, "a is the only uplink with carrier, address and route; a is down: no target answers");
  assert.equal(
    chooser.after(100, candidate("a", as("silent", "no target answers")), candidate("b", as("http-intercepted"))),
    "a",
  );
  assert.equal(chooser.reason, "a is down: no target answers; it stays, for no other is known to be better");
  assert.equal(chooser.rejection("b"), "b is behind a portal: http-intercepted");
  assert.equal(chooser.ask(candidate("a", as("silent", "no target answers"))), "a");
  assert.equal(chooser.reason, "a is the only uplink; a is down: no target answers");
});

test("an uplink that breaks some kind of traffic is left after a second and a half for one that is up, whatever the scores", () => {
  for (const code of ["tcp-blocked", "dns-blocked", "mtu"] as const) {
    const chooser = new Chooser();
    const limping = candidate("a", { ...as(code, "why"), score: score(990) });
    const b = candidate("b", { metered: true, ...up(500) });
    chooser.ask(candidate("a", up(990)), b);
    assert.equal(chooser.ask(limping, b), "a");
    assert.equal(chooser.reason, "a stays: b is up, a is degraded: why; b takes over once that held for 1.5 s");
    assert.equal(chooser.after(1.4, limping, b), "a");
    assert.equal(chooser.after(0.1, limping, b), "b");
    assert.equal(chooser.reason, "b is the only uplink that every kind of traffic passes");
    assert.equal(chooser.after(1_000, limping, b), "b");
    assert.equal(chooser.switches, 1);
  }
});

test("what surely loses so much that connections break is left as soon, before its state has settled", () => {
  for (const state of [up(700), as("loss", "a quarter")]) {
    const chooser = new Chooser();
    const breaking = candidate("a", { score: score(700), ...state, isBreaking: true });
    const b = candidate("b", { metered: true, ...up(500) });
    chooser.ask(candidate("a", up(990)), b);
    assert.equal(chooser.ask(breaking, b), "a");
    assert.equal(chooser.after(1.5, breaking, b), "b");
    assert.equal(chooser.after(1_000, breaking, b), "b");
    assert.equal(chooser.switches, 1);
  }
});

test("loss and latency are the score's to judge: an uplink degraded by them is left by the margin alone", () => {
  const chooser = new Chooser();
  const degraded = candidate("a", { ...as("latency", "slow"), score: score(700) });
  chooser.ask(candidate("a", up(900)), candidate("b", up(760)));
  assert.equal(chooser.after(1_000, degraded, candidate("b", up(760))), "a");
  assert.equal(chooser.ask(degraded, candidate("b", up(810))), "a");
  assert.equal(chooser.after(60, degraded, candidate("b", up(810))), "b");
});

test("of uplinks that start together, the one that answers a moment later is not left for it", () => {
  const chooser = new Chooser();
  chooser.ask(candidate("a", as("starting")), candidate("b", { kind: "wifi", ...as("starting") }));
  assert.equal(chooser.after(0.02, candidate("a", as("starting")), candidate("b", { kind: "wifi", ...up(900) })), "a");
  assert.equal(chooser.after(0.05, candidate("a", up(900)), candidate("b", { kind: "wifi", ...up(900) })), "a");
  assert.equal(chooser.last?.deadline, undefined);
});

test("an unmeasured uplink that is liked better does not come between the one in use and one that is proven", () => {
  const chooser = new Chooser();
  const lte = candidate("wwan0", { kind: "lte", ...as("strict-rp-filter") });
  const proven = candidate("wlan0", { kind: "wifi", ...up(900) });
  chooser.ask(lte);
  assert.equal(chooser.ask(lte, proven, candidate("eth0", as("strict-rp-filter"))), "wwan0");
  assert.equal(chooser.after(2, lte, proven, candidate("eth0", as("strict-rp-filter"))), "wlan0");
  assert.equal(chooser.last?.switched?.because, "wlan0 is up, wwan0 is unknown: strict-rp-filter, for 1.5 s");
});

test("when the one in use is gone the best class is taken, and in it what is liked among the scores within the margin", () => {
  const gone = new Chooser();
  gone.ask(candidate("x", up(900)));
  const wifi = candidate("wlan0", { kind: "wifi", ...up(990) });
  assert.equal(gone.ask(candidate("eth0", up(891)), wifi, candidate("eth1")), "eth0");
  assert.equal(gone.last?.switched?.because, "mac-x is gone");
  assert.equal(gone.reason, "eth0 stays: wlan0's score 990 is 99 better, less than the margin of 100");
  const other = new Chooser();
  assert.equal(other.ask(candidate("eth0", up(890)), wifi), "wlan0");
  assert.equal(other.reason, "eth0's score 890 is 100 less than wlan0's 990");
});

test("an unmeasured score is not a bad one: only class and liking count", () => {
  const unscored = { ...as("healthy"), score: null };
  const chooser = new Chooser();
  assert.equal(chooser.ask(candidate("a", unscored), candidate("b", { kind: "wifi", ...up(1_000) })), "a");
  assert.equal(chooser.after(1_000, candidate("a", unscored), candidate("b", { kind: "wifi", ...up(1_000) })), "a");
});

test("three uplinks, each a little worse and better liked than the one before, are not taken in turn", () => {
  const chooser = new Chooser();
  const a = candidate("a", { kind: "lte", ...up(900) });
  const b = candidate("b", { kind: "wifi", ...up(850) });
  const c = candidate("c", { kind: "ethernet", ...up(800) });
  chooser.ask(a);
  assert.equal(chooser.after(10, a, b, c), "a");
  assert.equal(chooser.after(10, a, b, c), "b");
  assert.equal(chooser.rejection("c"), "c's score 800 is 50 less than b's 850");
  assert.equal(chooser.after(1_000, a, b, c), "b");
  assert.equal(chooser.last?.deadline, undefined);
});

test("at the moment that a choice asked for, it is made, whatever fractions of a millisecond its start had", () => {
  // In floating point (59516.01146692469 + 10000) - 59516.01146692469 is less than 10000.
  for (const start of [59516.011_466_924_69, 65_809.070_645_621_69, 0.1, 1 / 3]) {
    const chooser = new Chooser();
    chooser.now = millis(start);
    const liked = candidate("a", { ...up(500), metric: 100 });
    const used = candidate("b", { ...up(500), metric: 200 });
    chooser.ask(used);
    chooser.ask(used, liked);
    const deadline = chooser.last?.deadline;
    assert.ok(deadline !== undefined);
    chooser.now = deadline;
    assert.equal(chooser.ask(used, liked), "a");
  }
});
