/** What holds of every choice, whatever the uplinks do: it is never worse than it must be, and never changes without a cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidate, compareCandidates, preference, standingOf } from "@ropewalk/backhaul/pure/candidate";
import { type Cause, holdOf } from "@ropewalk/backhaul/pure/challengers";
import { type ChoiceState, choose, noChoice } from "@ropewalk/backhaul/pure/choice";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { Chooser, candidate, config, up } from "./choice-fixture.ts";
import { type History, histories, made, measured, traits } from "./choice-histories.ts";

interface Moment {
  readonly now: Millis;
  readonly candidates: readonly Candidate[];
  readonly choice: ReturnType<typeof choose>;
  readonly before: ChoiceState;
}

function lived(history: History): Moment[] {
  let now = millis(0);
  let before = noChoice;
  return history.map(({ passed, candidates }) => {
    now = millis(now + passed);
    const choice = choose(before, candidates, null, now, config);
    const moment = { now, candidates, choice, before };
    before = choice.state;
    return moment;
  });
}

function forAllMoments(check: (moment: Moment, past: readonly Moment[]) => void): void {
  fc.assert(
    fc.property(histories, (history) => {
      const moments = lived(history);
      for (const [index, moment] of moments.entries()) check(moment, moments.slice(0, index + 1));
    }),
    { numRuns: 300 },
  );
}

test("some uplink is chosen whenever one is usable, a usable one, and each other one is rejected with a reason", () => {
  forAllMoments(({ candidates, choice: { decision } }) => {
    const chosen = candidates.find(({ uplinkId }) => uplinkId === decision.uplinkId);
    assert.equal(
      chosen?.isUsable ?? false,
      candidates.some((one) => one.isUsable),
    );
    const told = [...(chosen === undefined ? [] : [chosen.uplinkId]), ...decision.rejected.map((one) => one.uplinkId)];
    assert.deepEqual(told.toSorted(), candidates.map((one) => one.uplinkId).toSorted());
    assert.ok([decision.reason, ...decision.rejected.map((one) => one.reason)].every((reason) => reason !== ""));
  });
});

test("nothing dead or behind a portal is chosen while another may carry traffic", () => {
  forAllMoments(({ candidates, choice: { decision } }) => {
    const chosen = candidates.find(({ uplinkId }) => uplinkId === decision.uplinkId);
    if (chosen === undefined || (chosen.state !== "down" && chosen.state !== "portal")) return;
    assert.ok(candidates.every((one) => !one.isUsable || one.state === "down" || one.state === "portal"));
  });
});

test("the choice depends on nothing but its arguments, nor on the order of the candidates", () => {
  forAllMoments(({ candidates, choice, before, now }) => {
    assert.deepEqual(choose(before, candidates.toReversed(), null, now, config), choice);
  });
});

test("asked again at once, it says the same, word for word, and switches no more", () => {
  forAllMoments(({ candidates, choice, now }) => {
    const again = choose(choice.state, candidates, null, now, config);
    assert.deepEqual(again, { ...choice, switched: undefined });
  });
});

test("its words do not tell the time: while nothing else changes they stay until the next switch", () => {
  forAllMoments(({ candidates, choice, now }) => {
    if (choice.deadline === undefined) return;
    const later = choose(choice.state, candidates, null, millis((now + choice.deadline) / 2), config);
    assert.deepEqual(later.decision, choice.decision);
  });
});

/** Said anew, not taken from the source: what makes the rival a better one at one moment. */
function isCause(cause: Cause, rival: Candidate, incumbent: Candidate, all: readonly Candidate[]): boolean {
  const limps = ({ reason }: Candidate) => ["tcp-blocked", "dns-blocked", "mtu"].includes(reason.code);
  const carries = ({ state }: Candidate) => state === "up" || state === "degraded";
  const gain = (rival.score?.total ?? Number.NaN) - (incumbent.score?.total ?? Number.NaN);
  if (!carries(rival)) return false;
  switch (cause) {
    case "healthier":
      return !carries(incumbent) || (limps(incumbent) && rival.state === "up");
    case "better":
      return carries(incumbent) && (!limps(rival) || limps(incumbent)) && gain >= config.margin;
    case "preferred": {
      const totals = all.filter((one) => carries(one) && one.score !== null && (!limps(one) || limps(incumbent)));
      const isNear = totals.every((one) => (rival.score?.total ?? 0) >= (one.score?.total ?? 0) - config.margin / 2);
      const { by, order } = preference(rival, incumbent);
      const isAsSound = (incumbent.state === "degraded" && (!limps(rival) || limps(incumbent))) || rival.state === "up";
      return carries(incumbent) && isAsSound && order < 0 && by !== "id" && (rival.score === null || isNear);
    }
  }
}

test("what works is left only for a cause that held at every moment for as long as it must", () => {
  let switches = 0;
  forAllMoments(({ candidates, choice: { switched }, now, before }, past) => {
    const left = candidates.find(({ uplinkId }) => uplinkId === before.incumbent);
    if (switched === undefined || left === undefined) return;
    const standing = standingOf(left);
    if (standing !== "up" && standing !== "degraded" && standing !== "limping") return;
    switches += 1;
    assert.ok(switched.because !== "");
    const isHeld = (cause: Cause) => {
      const began = now - holdOf(cause, config);
      const since = past.findLastIndex(
        (moment) => moment.now <= began && moment.choice.state.incumbent === left.uplinkId,
      );
      return (
        since >= 0 &&
        past.slice(since).every((moment) => {
          const [rival, incumbent] = [switched.to, left.uplinkId].map((id) =>
            moment.candidates.find(({ uplinkId }) => uplinkId === id),
          );
          return rival !== undefined && incumbent !== undefined && isCause(cause, rival, incumbent, moment.candidates);
        })
      );
    };
    assert.ok((["healthier", "better", "preferred"] as const).some(isHeld), switched.because);
  });
  assert.ok(switches > 20, `only ${switches} switches were looked at`);
});

test("while nothing changes, the choice comes to rest, and no uplink is taken twice", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(traits, measured), { minLength: 1, maxLength: 6 }), fc.nat(5), (all, start) => {
      const candidates = all.map(([fixed, seen], index) => made(index, fixed, seen));
      const incumbent = candidates[start % candidates.length]?.uplinkId;
      let state: ChoiceState = { incumbent, challengers: [], used: undefined };
      let now = millis(0);
      const taken: (UplinkId | undefined)[] = [];
      for (;;) {
        const choice = choose(state, candidates, null, now, config);
        if (choice.switched !== undefined) taken.push(choice.switched.to);
        assert.equal(new Set(taken).size, taken.length, "taken twice");
        if (choice.deadline === undefined) return;
        assert.ok(choice.deadline > now);
        ({ state } = choice);
        now = choice.deadline;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("the order is total: of two candidates exactly one is better", () => {
  fc.assert(
    fc.property(traits, traits, measured, measured, (one, other, seen, seenOther) => {
      const [a, b] = [made(0, one, seen), made(1, other, seenOther)];
      assert.equal(Math.sign(compareCandidates(a, b)), -Math.sign(compareCandidates(b, a)));
      assert.notEqual(compareCandidates(a, b), 0);
    }),
  );
});

/** Integers below 2³², the same for the same seed. Source: G. Marsaglia, "Xorshift RNGs" (2003), for 32 bits. */
function* integers(seed: number): Generator<number, never> {
  let word = seed;
  for (;;) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    yield word >>> 0;
  }
}

/** What is known of a path's loss: probes lost in each twelfth of the last minute, ten in each, at a loss of 5 %. */
class LossyPath {
  readonly #lost: number[] = [];

  see(chance: Generator<number, never>): void {
    let lost = 0;
    for (let probe = 0; probe < 10; probe += 1) lost += Number(chance.next().value < 0.05 * 2 ** 32);
    this.#lost.push(lost);
    if (this.#lost.length > 12) this.#lost.shift();
  }

  /** The points that it costs: 200 at a loss of 10 %. */
  shown(isRangeTold: boolean): Pick<Candidate, "state" | "reason" | "score" | "range"> {
    const probes = this.#lost.length * 10;
    const lost = this.#lost.reduce((sum, one) => sum + one, 0);
    const total = (loss: number) => Math.round(900 - Math.min(200, 2_000 * loss));
    // As good as Wilson's interval where 5 % of a hundred and more are lost. Agresti and Coull 1998.
    const centre = (lost + 2) / (probes + 4);
    const half = 1.96 * Math.sqrt((centre * (1 - centre)) / (probes + 4));
    const range = { low: total(centre + half), high: total(Math.max(0, centre - half)) };
    return { ...up(total(lost / probes)), range: isRangeTold ? range : null };
  }
}

function switchesInLoss(hours: number, isRangeTold: boolean): number {
  const chooser = new Chooser();
  const chance = integers(1);
  const paths = [new LossyPath(), new LossyPath()] as const;
  for (let step = 0; step < hours * 720; step += 1) {
    for (const path of paths) path.see(chance);
    const [a, b] = paths.map((path) => path.shown(isRangeTold));
    chooser.after(5, candidate("wan0", a), candidate("wan1", { metric: 200, ...b }));
  }
  return chooser.switches;
}

test("50 hours of 5 % loss on both uplinks cause no switch, and would if chance were not told from a difference", () => {
  assert.equal(switchesInLoss(50, true), 0);
  assert.ok(switchesInLoss(50, false) > 5);
});
