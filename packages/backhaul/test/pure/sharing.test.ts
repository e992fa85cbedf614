/** Who shares ordinary traffic, by how much, and that figures which move a little change nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "@ropewalk/backhaul/pure/candidate";
import { type Sharing, type SharingBefore, topWeight, withShares } from "@ropewalk/backhaul/pure/sharing";
import type { Decision, Share } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis, seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { as, candidate, score, unplugged, up } from "./choice-fixture.ts";

function decided(name: string, candidates: readonly Candidate[]): Decision {
  const losers = candidates.filter((one) => one.name !== name);
  return {
    ...{ uplinkId: `mac-${name}` as UplinkId, name, reason: "test", order: null, shares: [], kernel: null },
    rejected: losers.map((loser) => ({ uplinkId: loser.uplinkId, name: loser.name, reason: "worse" })),
  };
}

const config = { mode: "balance", choice: { betterFor: seconds(60) } } as const;

function balance(candidates: readonly Candidate[], shares: readonly Share[] = [], name = "a"): Decision {
  return withShares(decided(name, candidates), candidates, { shares, shifts: [] }, millis(0), config).decision;
}

const weights = ({ shares }: Decision) => shares.map(({ name, weight }) => `${name} ${weight}`).join(", ");

const [a, b] = [candidate("a", up(1_000)), candidate("b", up(660))];

test("uplinks that carry traffic share it by their scores, and the decision says so", () => {
  const decision = balance([b, a]);
  assert.equal(weights(decision), "a 10, b 7");
  assert.equal(decision.reason, "test; traffic is shared by score: a 59 %, b 41 %");
  assert.deepEqual(decision.rejected, [], "who shares is not rejected");
  const one = decided("a", [a, b]);
  const nothing = { shares: [], shifts: [] };
  assert.equal(withShares(one, [a, b], nothing, millis(0), { ...config, mode: "failover" }).decision, one);
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
  const started = (isOurs: boolean, candidates = starting) => {
    const decision = { ...decided("a", candidates), kernel: { ...kernel, isOurs } };
    return weights(withShares(decision, candidates, { shares: [], shifts: [] }, millis(0), config).decision);
  };
  assert.equal(started(true), "a 10, b 7");
  assert.equal(started(false), "", "what somebody else shares says nothing");
  assert.equal(started(true, [a, candidate("b", as("starting"))]), "a 10, b 7");
  assert.equal(started(true, [a, candidate("b", as("silent"))]), "");
});

/** Shares that are asked for again and again, as time passes. */
class Balance {
  #now = 0;
  #before: SharingBefore = { shares: [], shifts: [] };
  deadline: number | undefined;

  after(passed: number, ...totals: readonly [number, number]): string {
    this.#now += passed;
    const candidates = totals.map((total, index) => candidate("ab"[index] ?? "", up(total)));
    const sharing = withShares(decided("a", candidates), candidates, this.#before, seconds(this.#now), config);
    this.#before = { shares: sharing.decision.shares, shifts: sharing.shifts };
    this.deadline = sharing.deadline;
    return weights(sharing.decision);
  }
}

test("a weight stays while its score moves by less than a step", () => {
  const shares = new Balance();
  shares.after(0, 1_000, 660);
  for (const total of [630, 700, 760, 770, 640])
    assert.equal(shares.after(3_600, 1_000, total), "a 10, b 7", `${total}`);
  assert.equal(shares.deadline, undefined);
});

test("it moves when its score asked for another for a minute without a gap, and at once to what is asked for then", () => {
  const shares = new Balance();
  shares.after(0, 1_000, 660);
  assert.equal(shares.after(1, 1_000, 300), "a 10, b 7");
  assert.equal(shares.deadline, 61_000, "it wants to be asked again");
  assert.equal(shares.after(30, 1_000, 660), "a 10, b 7");
  assert.equal(shares.after(1, 1_000, 300), "a 10, b 7");
  assert.equal(shares.after(59, 1_000, 900), "a 10, b 7");
  assert.equal(shares.after(1, 1_000, 400), "a 10, b 4");
  assert.equal(shares.deadline, undefined);
});

test("weights are 1 to 10, and asked for long enough with nothing new the best has the most", () => {
  const totals = fc.array(fc.integer({ min: 0, max: 1_200 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(totals, totals, (first, second) => {
      const named = (list: readonly number[]) =>
        list.map((total, index) => candidate("abcdef"[index] ?? "", up(total)));
      const ask = (list: readonly number[], { decision, shifts }: Pick<Sharing, "decision" | "shifts">, at: number) =>
        withShares(decided("a", named(list)), named(list), { shares: decision.shares, shifts }, seconds(at), config);
      const start = ask(first, { decision: decided("a", []), shifts: [] }, 0);
      const asked = ask(second, start, 1);
      const { decision, shifts } = ask(second, asked, 61);
      assert.equal(decision.shares.length, second.length);
      for (const { weight } of [...start.decision.shares, ...decision.shares]) {
        assert.ok(Number.isInteger(weight) && weight >= 1 && weight <= topWeight);
      }
      const best = decision.shares.find(({ name }) => name === "abcdef"[second.indexOf(Math.max(...second))]);
      assert.ok(decision.shares.every(({ weight }) => weight <= (best?.weight ?? 0)));
      assert.deepEqual(shifts, []);
    }),
  );
});
