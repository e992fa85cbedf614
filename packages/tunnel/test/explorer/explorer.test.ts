import assert from "node:assert/strict";
import { test } from "node:test";
import { crowd } from "./large-worlds.ts";
import { realMachine } from "./machine.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { mutantOf } from "./mutated.ts";
import { brokenPieces } from "./pieces.ts";
import { rewind } from "./rewinding.ts";
import { exploreWorld, surprises } from "./run.ts";
import { joint, world } from "./world.ts";
import { smallWorlds } from "./worlds.ts";

test("what was promised holds in every state of every small world, and what the attacker paid for is lost", (t) => {
  const outcomes = smallWorlds.map((small) => exploreWorld(small));
  assert.deepEqual(outcomes.flatMap(surprises), []);
  const sum = (count: "states" | "transitions") => outcomes.reduce((total, outcome) => total + outcome[count], 0);
  t.diagnostic(`${outcomes.length} worlds, ${sum("states")} states, ${sum("transitions")} transitions`);
});

test("eight ends keep what they were promised from an attacker that may turn time back, and would not with one mistake", async (t) => {
  const { states, sessions, violations } = rewind(crowd);
  assert.deepEqual(violations, []);
  t.diagnostic(`${crowd.ends.length} ends, ${states} states of theirs, ${sessions} sessions`);
  for (const { name, patches, fate } of mutants) {
    if (!seenFromAfar.includes(name) || fate.kind === "made up for") continue;
    const found = rewind(crowd, await mutantOf(`${name}, rewound`, patches)).violations;
    assert.ok(found.includes(fate.by), `${name}: ${found}`);
  }
});

const seenFromAfar = ["both ends have the same proof", "only the source's KEM key counts"];

test("keys of directions, purposes and epochs are separate, and the combiner takes in all that it is given", () => {
  assert.deepEqual(brokenPieces(realMachine), []);
});

for (const mutant of mutants) {
  const end = mutant.fate.kind === "caught" ? mutant.fate.by : `nothing: ${mutant.fate.why}`;
  test(`${mutant.name}: found by ${end}`, async () => {
    assert.deepEqual(await findingsOf(mutant), mutant.fate.kind === "caught" ? [mutant.fate.by] : []);
  });
}

/** Those in which most is lost by others; a soak run goes through all. */
const fewWorlds = smallWorlds.filter(({ title }) => /asked for|herself|Mallory, as/.test(title));

/** The violation that is looked for; any, where none is. */
async function findingsOf({ name, patches, fate }: Mutant): Promise<readonly string[]> {
  const machine = await mutantOf(name, patches);
  if (fate.kind === "made up for") {
    return [...brokenPieces(machine), ...fewWorlds.flatMap((few) => surprises(exploreWorld(few, machine)))];
  }
  const { by, world: where } = fate;
  if (where === undefined) return brokenPieces(machine).filter((what) => what === by);
  const { violations } = exploreWorld(where, machine, (what) => what === by);
  return violations.map(({ what }) => what).filter((what) => what === by);
}

test("a world that is wrong about what is lost in it, or who concludes, is told so, with the steps", () => {
  const change = { breaks: ["secrecy: s1"], concludes: ["s1", "nobody"] };
  const all = surprises(exploreWorld(world("wrong", joint("1", "open", { mode: "mlkem768" }), change)));
  const firsts = all.map((surprise) => surprise.split("\n")[0]);
  assert.deepEqual(firsts.toSorted(), [
    "wrong: agreement: d1",
    "wrong: agreement: s1",
    "wrong: d1 concludes",
    "wrong: nobody never concludes",
    "wrong: secrecy: d1",
  ]);
  assert.match(all.join("\n"), /wrong: agreement: s1\n {2}s1 hears hello [0-9a-f]+\n {2}s1 hears finished [0-9a-f]+/);
});

test("a change that does not fit the sources, or fits twice, is refused", async () => {
  for (const find of ["there is no such thing", "facts"]) {
    await assert.rejects(mutantOf(`misfit ${find}`, [{ file: "handshake.ts", find, replace: "" }]), /a patch fits in/);
  }
});
