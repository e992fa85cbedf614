/** Who shares ordinary traffic, by how much, and that figures which move a little change nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { topWeight, withShares } from "@ropewalk/backhaul/pure/sharing";
import type { Decision, Share } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import fc from "fast-check";
import { as, candidate, score, unplugged, up } from "./choice-fixture.ts";

function decided(name: string, candidates: readonly Candidate[]): Decision {
  const losers = candidates.filter((one) => one.name !== name);
  return {
    ...{ uplinkId: `mac-${name}` as UplinkId, name, reason: "test", order: null, shares: [], kernel: null },
    rejected: losers.map((loser) => ({ uplinkId: loser.uplinkId, name: loser.name, reason: "worse" })),
  };
}

function balance(candidates: readonly Candidate[], before: readonly Share[] = [], name = "a"): Decision {
  return withShares(decided(name, candidates), candidates, before, "balance");
}

const weights = ({ shares }: Decision) => shares.map(({ name, weight }) => `${name} ${weight}`).join(", ");

const [a, b] = [candidate("a", up(1_000)), candidate("b", up(660))];

test("uplinks that carry traffic share it by their scores, and the decision says so", () => {
  const decision = balance([b, a]);
  assert.equal(weights(decision), "a 10, b 7");
  assert.equal(decision.reason, "test; traffic is shared by score: a 59 %, b 41 %");
  assert.deepEqual(decision.rejected, [], "who shares is not rejected");
  const one = decided("a", [a, b]);
  assert.equal(withShares(one, [a, b], [], "failover"), one);
});

test("what was not measured counts as the best, so that uplinks without a score share alike", () => {
  assert.equal(weights(balance([a, candidate("b", as("healthy"))])), "a 10, b 10");
  const unmeasured = [candidate("a", as("healthy")), candidate("b", as("healthy"))];
  assert.equal(weights(balance(unmeasured)), "a 10, b 10");
  const worthless = candidate("b", { ...as("loss"), score: score(0) });
  assert.equal(weights(balance([a, worthless])), "a 10, b 1");
});

test("what does not carry every kind of traffic shares none of it, nor does what is drained", () => {
  const others: readonly Partial<Candidate>[] = [
    ...(["silent", "http-intercepted", "mtu", "tcp-blocked", "starting", "not-measured"] as const).map((code) => {
      return { ...as(code), score: score(900) };
    }),
    { ...up(900), isBreaking: true },
    { ...up(900), order: "drained" },
    unplugged,
  ];
  for (const changes of others)
    assert.equal(weights(balance([a, candidate("b", changes)])), "", JSON.stringify(changes));
  assert.equal(weights(balance([a, candidate("b", { ...as("loss"), score: score(500) })])), "a 10, b 5");
});

test("what costs by volume shares only when the choice itself came to that", () => {
  const metered = candidate("b", { ...up(900), metered: true });
  assert.equal(weights(balance([a, metered])), "");
  assert.equal(weights(balance([a, metered], [], "b")), "a 10, b 9");
  assert.equal(weights(balance([{ ...a, metered: true }, metered])), "a 10, b 9");
});

test("one that limps, is ordered to be used or is a last resort is used by itself", () => {
  for (const order of ["pinned", "used", "drained"] as const) {
    assert.equal(weights(balance([{ ...a, order }, b])), "", order);
  }
  assert.equal(weights(balance([{ ...a, ...as("mtu") }, b])), "");
  assert.equal(weights(balance([a, b], [], "c")), "", "nothing was decided for");
});

test("a start takes over the shares that an earlier run left in the kernel, until the first probes are back", () => {
  const starting = [candidate("a", as("starting")), candidate("b", as("starting")), candidate("c", as("starting"))];
  const shares = balance([a, b]).shares;
  const kernel = { uplinkId: a.uplinkId, name: "a", isDeadEnd: false, isOurs: true, shares };
  const started = (isOurs: boolean, candidates = starting) =>
    weights(withShares({ ...decided("a", candidates), kernel: { ...kernel, isOurs } }, candidates, [], "balance"));
  assert.equal(started(true), "a 10, b 7");
  assert.equal(started(false), "", "what somebody else shares says nothing");
  assert.equal(started(true, [a, candidate("b", as("starting"))]), "a 10, b 7");
  assert.equal(started(true, [a, candidate("b", as("silent"))]), "");
});

test("a weight stays while its score moves by less than a step, and follows when it moves by more", () => {
  const before = balance([a, b]).shares;
  for (const total of [630, 700, 760, 770]) {
    assert.equal(weights(balance([a, candidate("b", up(total))], before)), "a 10, b 7", `${total}`);
  }
  assert.equal(weights(balance([a, candidate("b", up(780))], before)), "a 10, b 8");
  assert.equal(weights(balance([a, candidate("b", up(620))], before)), "a 10, b 6");
});

test("a weight stays while chance or a queue may explain that the score moved", () => {
  const before = balance([a, b]).shares;
  const worse = (range: Candidate["range"]) => weights(balance([a, candidate("b", { ...up(300), range })], before));
  assert.equal(worse({ low: 200, high: 650 }), "a 10, b 7");
  assert.equal(worse({ low: 250, high: 350 }), "a 10, b 3");
  const unsure = candidate("a", { ...up(1_000), range: { low: 500, high: 1_000 } });
  assert.equal(weights(balance([unsure, candidate("b", up(400))], before)), "a 10, b 7");
});

test("weights are 1 to 10, the best has the most, and asked again with nothing new they are the same", () => {
  const totals = fc.array(fc.integer({ min: 0, max: 1_200 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(totals, totals, (first, second) => {
      const named = (list: readonly number[]) =>
        list.map((total, index) => candidate("abcdef"[index] ?? "", up(total)));
      const { shares: before } = balance(named(first));
      const { shares } = balance(named(second), before);
      assert.equal(shares.length, second.length);
      for (const { weight } of shares) assert.ok(Number.isInteger(weight) && weight >= 1 && weight <= topWeight);
      const best = shares.find(({ name }) => name === "abcdef"[second.indexOf(Math.max(...second))]);
      assert.ok(shares.every(({ weight }) => weight <= (best?.weight ?? 0)));
      assert.deepEqual(balance(named(second), shares).shares, shares);
    }),
  );
});
