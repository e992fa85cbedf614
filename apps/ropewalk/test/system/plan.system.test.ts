/** The plan that the program prints, run by hand as it stands: the kernel then does what was decided, with Ropewalk or without. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { PlanDocument } from "@ropewalk/api/plan";
import { seconds } from "@ropewalk/kernel/units";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

let nodeInLab: NodeInLab;
let node: Started;

before(async () => {
  nodeInLab = await NodeInLab.open(2);
  node = await nodeInLab.startNode();
});

after(async () => {
  await node[Symbol.asyncDispose]();
  await nodeInLab[Symbol.asyncDispose]();
});

const plan = (): Promise<PlanDocument> => nodeInLab.client().plan(soon());

async function carryOut({ steps }: PlanDocument): Promise<void> {
  for (const { command } of steps) await nodeInLab.edge.exec("sh", ["-c", command], { deadline: seconds(5) });
}

/** In the lab's internet, behind every uplink. */
const targets = { "-4": "198.18.129.10", "-6": "2001:db8:80:1::10" } as const;

/** The interface by which a packet to a server of the lab's internet leaves edge. */
async function wayOf(family: "-4" | "-6", ...more: readonly string[]): Promise<string | undefined> {
  const { stdout } = await nodeInLab.edge.exec("ip", [family, "route", "get", targets[family], ...more]);
  return / dev (\S+)/.exec(stdout)?.[1];
}

/** The kernel itself learns of a carrier up to a second late, when links changed just before (linkwatch). */
async function bothLeaveBy(name: string): Promise<void> {
  const end = performance.now() + 5_000;
  for (;;) {
    const ways = [await wayOf("-4"), await wayOf("-6")];
    if (ways.every((way) => way === name)) return;
    if (performance.now() > end) assert.fail(`traffic leaves by ${ways.join(" and ")}, not by ${name}`);
    await delay(10);
  }
}

test("a plan says every step and does none", async () => {
  const first = await plan();
  assert.equal(first.monitorOnly, true);
  const count = (of: string) => first.steps.filter((step) => step.of === of).length;
  // For each of two uplinks and two families: a table with its link and its end, a place in the order, a rule for its mark and two for its source.
  assert.deepEqual([count("setting"), count("route"), count("rule")], [6, 16, 16]);
  assert.deepEqual((await plan()).steps, first.steps);
  const { stdout } = await nodeInLab.run(["uplink", "plan"]);
  const commands = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(
    commands,
    first.steps.map(({ command }) => command),
  );
});

test("carried out, it leaves nothing to do, and sockets leave by the uplink that they are bound to", async () => {
  const client = nodeInLab.client();
  const uplinksBefore = (await client.status(soon())).backhaul.uplinks.map(({ name, state, ipv4 }) => [
    name,
    state,
    ipv4.gateway,
  ]);
  await carryOut(await plan());
  await node.until("there is nothing left to do", async () => (await plan()).steps.length === 0);
  const { backhaul } = await client.status(soon());
  assert.deepEqual(
    backhaul.uplinks.map(({ name, state, ipv4 }) => [name, state, ipv4.gateway]),
    uplinksBefore,
    "its own routes make no uplink another",
  );
  assert.equal(backhaul.decisions.ipv4.kernel?.name, "wan0");
  for (const family of ["-4", "-6"] as const) {
    assert.equal(await wayOf(family), "wan0");
    assert.equal(await wayOf(family, "mark", "0x100"), "wan0");
    assert.equal(await wayOf(family, "mark", "0x200"), "wan1");
  }
});

test("a cable that is pulled moves ordinary traffic with the program dead, and back when it is put in", async () => {
  await node.process.kill("SIGKILL");
  await nodeInLab.lab.cut("wan0");
  await bothLeaveBy("wan1");
  await nodeInLab.lab.heal("wan0");
  await bothLeaveBy("wan0");
});
