/**
 * Sessions, placements and nodes, in every order of loss, delay, repetition, restart and wrong clocks that a few of each can make: no law of
 * docs/protocols/vpn-control.md is broken, and rules with a mistake are found out.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "./explore.ts";
import { mutants } from "./placement-mutants.ts";
import { mutatedRules, rules } from "./placement-rules.ts";
import { budgetOf, smallStories } from "./placement-stories.ts";
import { beginWorld } from "./placement-world.ts";
import { wander } from "./wander.ts";

const limits = { most: 100_000, settledEach: 50 };

const seed = Number(process.env["ROPEWALK_TEST_SEED"] ?? Date.now() % 2 ** 31);

// A third of them; all of them, and larger ones, are in the soak.
for (const [story, budget] of smallStories.filter((_, index) => (index + seed) % 3 === 0)) {
  test(`no law is broken by ${story}`, (t) => {
    const { worlds, steps, isWhole, fault } = explore(beginWorld(budgetOf(budget)), rules, limits);
    t.diagnostic(`${worlds} worlds, ${steps} steps`);
    assert.deepEqual(fault, undefined);
    assert.ok(isWhole, `there are more than ${worlds} worlds`);
  });
}

test("no law is broken on some long ways by chance", () => {
  for (let seed = 1; seed <= 60; seed += 1) assert.deepEqual(wander(seed, rules), undefined, `seed ${seed}`);
});

test("ways by chance find a mistake too", async () => {
  const [mutant] = mutants;
  const mutated = await mutatedRules(`${mutant?.name}, by chance`, mutant?.patches ?? []);
  const faults = Array.from({ length: 60 }, (_, seed) => wander(seed, mutated)).filter((fault) => fault !== undefined);
  assert.ok(faults.some(({ laws }) => laws.some((law) => law === mutant?.law)));
});

for (const { name, patches, story, law, isSeenAtRest } of mutants) {
  test(`found out: ${name}`, async (t) => {
    const mutated = await mutatedRules(name, patches);
    const first = beginWorld(budgetOf(story));
    const searched = isSeenAtRest ? { ...limits, settledEach: 1 } : { most: limits.most };
    const { fault, worlds } = explore(first, mutated, searched);
    assert.ok(fault !== undefined, `${worlds} worlds break no law`);
    assert.ok(fault.laws.includes(law), `found by another law: ${fault.laws}`);
    t.diagnostic([...fault.way, law].join(" → "));
    assert.deepEqual(explore(first, rules, { ...searched, most: worlds }).fault, undefined);
  });
}
