/** With execute_commands = false what would be done is said, each plan once, and nothing is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planSteps } from "@ropewalk/backhaul/pure/steering/plan-steps";
import type { SteeringConfig } from "@ropewalk/backhaul/pure/steering/steering-config";
import { seconds } from "@ropewalk/kernel/units";
import { deciding, uplink } from "../pure/steering/uplink-fixture.ts";
import { onTrial, SteeringBench, unasked } from "./steering-bench.ts";

const dryRun: SteeringConfig = { ...onTrial, executeCommands: false };
const both = [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")];

async function rehearsing() {
  const bench = new SteeringBench();
  for (const slot of [1, 2]) bench.machine.addUplink(slot);
  bench.show(both, deciding(1));
  const untouched = bench.machine.all;
  const steering = await bench.start(dryRun);
  return { bench, steering, untouched };
}

/** The plans that were logged since the last call. */
function plans({ lines }: SteeringBench): readonly (readonly string[])[] {
  return lines
    .splice(0)
    .map((line): { readonly plan?: readonly string[] } => JSON.parse(line))
    .flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
}

test("the first plan is told whole, and a plan that is the same is not told again", async () => {
  const { bench, steering, untouched } = await rehearsing();
  await using _steering = steering;
  const [first = [], ...more] = plans(bench);
  assert.deepEqual(more, []);
  assert.ok(first.includes("+ ip -4 rule add lookup 200 priority 32765 protocol 201"), first.join("\n"));
  const steps = planSteps(steering.plan(), (ifindex) => `wan${ifindex - 10}`);
  assert.deepEqual(
    first,
    steps.map(({ command }) => `+ ${command}`),
  );
  assert.ok(
    first.some((line) => line.startsWith("+ nft ")),
    "marks are part of it",
  );
  bench.show(both, deciding(1));
  bench.machine.clock.advance(seconds(2));
  assert.deepEqual(plans(bench), []);
  assert.deepEqual(bench.machine.all, untouched);
});

test("another decision is told as what is in the plan now and what is not any more", async () => {
  const { bench, steering, untouched } = await rehearsing();
  await using _steering = steering;
  plans(bench);
  bench.show(both, deciding(2));
  bench.machine.clock.advance(seconds(2));
  const [changed = []] = plans(bench);
  const main = changed.filter((line) => line.includes("-4") && line.includes("metric 10 "));
  assert.deepEqual(
    main.map((line) => /^[+-]|dev \S+/g[Symbol.match](line)),
    [
      ["-", "dev wan1"],
      ["+", "dev wan2"],
    ],
  );
  assert.ok(!changed.some((line) => line.includes(" rule ")), "rules are the same");
  assert.deepEqual(bench.machine.all, untouched);
});

test("it ends with the dry run, and begins anew with the next", async () => {
  const { bench, steering } = await rehearsing();
  await using _steering = steering;
  plans(bench);
  steering.reconfigure(dryRun);
  bench.show(both, deciding(2));
  steering.reconfigure({ ...unasked, monitorOnly: true });
  bench.machine.clock.advance(seconds(2));
  assert.deepEqual(plans(bench), []);
  steering.reconfigure(dryRun);
  assert.equal(plans(bench).length, 1);
});

test("a kernel that does not tell its rules is complained of, and asked again", async () => {
  const { bench, steering } = await rehearsing();
  await using _steering = steering;
  plans(bench);
  const rules = bench.readRules;
  bench.readRules = () => {
    throw new Error("no netlink today");
  };
  bench.show(both, deciding(2));
  bench.machine.clock.advance(seconds(2));
  assert.match(bench.lines.splice(0).join("\n"), /no netlink today/);
  bench.readRules = rules;
  bench.show(both, deciding(2));
  bench.machine.clock.advance(seconds(2));
  assert.equal(plans(bench).length, 1);
});
