/** What holds of every choice under the operator's orders, whatever the uplinks do and whatever he says, and when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Candidate, isCarrying, isHopeless, standingOf } from "@ropewalk/backhaul/pure/candidate";
import { type Choice, type ChoiceState, choose, noChoice } from "@ropewalk/backhaul/pure/choice";
import { noOrders, type OperatorOrder, type Orders, orderedBy, standingOrder } from "@ropewalk/backhaul/pure/orders";
import { type Millis, millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { candidate, config } from "./choice-fixture.ts";
import { histories, made, measured, traits } from "./choice-histories.ts";

const given: fc.Arbitrary<OperatorOrder> = fc
  .record({ kind: fc.constantFrom("use", "pin", "drain", "release"), index: fc.nat(3), isOfAll: fc.boolean() })
  .map(({ kind, index, isOfAll }) => {
    const { uplinkId } = candidate(`w${index}`);
    return kind === "release" ? { kind, uplinkId: isOfAll ? undefined : uplinkId } : { kind, uplinkId };
  });

/** What is ordered before each moment. */
const orderings = fc.array(fc.option(given, { freq: 2 }), { minLength: 25, maxLength: 25 });

interface Moment {
  readonly now: Millis;
  readonly before: ChoiceState;
  readonly order: OperatorOrder | null;
  readonly orders: Orders;
  /** With what is ordered of each. */
  readonly candidates: readonly Candidate[];
  readonly choice: Choice;
}

function ordered(candidates: readonly Candidate[], orders: Orders, { used }: ChoiceState): readonly Candidate[] {
  return candidates.map((one) => ({ ...one, order: standingOrder(one.uplinkId, orders, used) }));
}

/** As the machine does it, save that nothing is refused. */
function obey(state: ChoiceState, order: OperatorOrder | null): ChoiceState {
  if (order === null || (order.kind === "drain" && order.uplinkId !== state.used)) return state;
  return { ...state, used: order.kind === "use" ? order.uplinkId : undefined };
}

function forAllMoments(check: (moment: Moment) => void): void {
  fc.assert(
    fc.property(histories, orderings, (history, ordering) => {
      let now = millis(0);
      let state = noChoice;
      let orders = noOrders;
      for (const [index, { passed, candidates: seen }] of history.entries()) {
        const order = ordering[index] ?? null;
        now = millis(now + passed);
        if (order !== null) orders = orderedBy(orders, order);
        const before = obey(state, order);
        const candidates = ordered(seen, orders, before);
        const choice = choose(before, candidates, null, now, config);
        check({ now, before, order, orders, candidates, choice });
        state = choice.state;
      }
    }),
    { numRuns: 500 },
  );
}

function chosenOf({ candidates, choice }: Moment): Candidate | undefined {
  return candidates.find(({ uplinkId }) => uplinkId === choice.decision.uplinkId);
}

test("a pinned uplink is the chosen one whenever it can be used at all", () => {
  let count = 0;
  forAllMoments((moment) => {
    const pinned = moment.candidates.find(({ order, isUsable }) => order === "pinned" && isUsable);
    if (pinned === undefined) return;
    count += 1;
    assert.equal(moment.choice.decision.uplinkId, pinned.uplinkId);
    assert.equal(moment.choice.decision.order, "pinned");
  });
  assert.ok(count > 20, `only ${count} moments were looked at`);
});

test("a drained uplink is never chosen while another carries, and is named as the last resort when it is chosen", () => {
  let count = 0;
  forAllMoments((moment) => {
    const chosen = chosenOf(moment);
    assert.equal(moment.choice.decision.order === "drained-last-resort", chosen?.order === "drained");
    if (chosen?.order !== "drained") return;
    count += 1;
    assert.ok(!moment.candidates.some((one) => one.order !== "drained" && isCarrying(one)));
  });
  assert.ok(count > 20, `only ${count} moments were looked at`);
});

test("under any orders an uplink is chosen whenever one is usable", () => {
  forAllMoments((moment) => {
    const isAny = moment.candidates.some((one) => one.isUsable);
    assert.equal(chosenOf(moment)?.isUsable ?? false, isAny);
  });
});

test("what is used by order is left for its own failing alone, unless another order comes", () => {
  let count = 0;
  forAllMoments(({ before, order, orders, candidates, choice }) => {
    const used = candidates.find((one) => one.order === "used");
    if (used === undefined || before.incumbent !== used.uplinkId || order !== null || orders.pinned !== undefined)
      return;
    count += 1;
    if (choice.decision.uplinkId === used.uplinkId) return;
    assert.ok(!used.isUsable || isHopeless(used) || standingOf(used) === "limping");
    assert.equal(choice.state.used, undefined);
  });
  assert.ok(count > 20, `only ${count} moments were looked at`);
});

test("once everything is released, the choice is made as if nothing had ever been ordered", () => {
  fc.assert(
    fc.property(histories, orderings, histories, (history, ordering, after) => {
      let now = millis(0);
      let state = noChoice;
      let orders = noOrders;
      for (const [index, { passed, candidates }] of history.entries()) {
        const order = ordering[index] ?? null;
        if (order !== null) orders = orderedBy(orders, order);
        now = millis(now + passed);
        const before = obey(state, order);
        ({ state } = choose(before, ordered(candidates, orders, before), null, now, config));
      }
      orders = orderedBy(orders, { kind: "release", uplinkId: undefined });
      state = obey(state, { kind: "release", uplinkId: undefined });
      let plain: ChoiceState = { incumbent: state.incumbent, challengers: state.challengers, used: undefined };
      for (const { passed, candidates } of after) {
        now = millis(now + passed);
        const choice = choose(state, ordered(candidates, orders, state), null, now, config);
        assert.deepEqual(choice, choose(plain, candidates, null, now, config));
        ({ state } = choice);
        plain = state;
      }
    }),
    { numRuns: 300 },
  );
});

test("asked again at once, it says the same under any orders, and switches no more", () => {
  forAllMoments(({ orders, candidates, choice, now }) => {
    const again = choose(choice.state, ordered(candidates, orders, choice.state), null, now, config);
    const { decision, switched } = again;
    assert.equal(switched, undefined);
    assert.deepEqual([decision.uplinkId, decision.order], [choice.decision.uplinkId, choice.decision.order]);
  });
});

test("under standing orders too, the choice comes to rest while nothing changes, and no uplink is taken twice", () => {
  const uplinks = fc.array(fc.tuple(traits, measured), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(uplinks, fc.array(given, { maxLength: 4 }), fc.nat(3), (all, said, start) => {
      const seen = all.map(([fixed, one], index) => made(index, fixed, one));
      const orders = said.reduce(orderedBy, noOrders);
      const begun = { ...noChoice, incumbent: seen[start % seen.length]?.uplinkId };
      let state = said.reduce<ChoiceState>(obey, begun);
      let now = millis(0);
      const taken: unknown[] = [];
      for (;;) {
        const choice = choose(state, ordered(seen, orders, state), null, now, config);
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
