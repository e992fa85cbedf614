/** The plan that the program prints, run by hand as it stands: the kernel then does what was decided, with Ropewalk or without. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { PlanDocument } from "@ropewalk/api/plan";
import { seconds } from "@ropewalk/kernel/units";
import { eventually, wayTo } from "./at-the-wheel.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

let nodeInLab: NodeInLab;
let node: Started;

/** Names are asked of each uplink's own, which a plan then follows. */
const resolvers = ["wan0", "wan1"]
  .map((name, index) => `[[backhaul.uplink]]\ninterface = "${name}"\nresolvers = ["198.51.100.${index + 1}"]\n`)
  .join("");

before(async () => {
  nodeInLab = await NodeInLab.open(2);
  writeFileSync(nodeInLab.configFile, resolvers);
  node = await nodeInLab.startNode({ env: { ROPEWALK_CONFIG: nodeInLab.configFile } });
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
  return (await wayTo(nodeInLab.edge, targets[family], ...more)).device;
}

/** The kernel itself learns of a carrier up to a second late, when links changed just before (linkwatch). */
const bothLeaveBy = (name: string) =>
  eventually(`both families leave by ${name}`, async () => {
    return (await wayOf("-4")) === name && (await wayOf("-6")) === name;
  });

test("a plan says every step and does none", async () => {
  const first = await plan();
  assert.equal(first.monitorOnly, true);
  const count = (of: string) => first.steps.filter((step) => step.of === of).length;
  // For each of two uplinks and two families: a table with its link and its end, a place in the order, a rule for its mark and two for its source.
  // And for each uplink a rule for its resolver.
  assert.deepEqual([count("setting"), count("route"), count("rule")], [6, 16, 18]);
  assert.deepEqual([count("resolvers"), count("marks"), count("address")], [1, 1, 0]);
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

test("names, and addresses that must begin no new flow, are part of a plan and done by hand as it says", async () => {
  const isDone = async () => (await plan()).steps.length === 0;
  const readings = async () => ({
    names: (await nodeInLab.edge.exec("cat", ["/etc/resolv.conf"])).stdout,
    addresses: (await nodeInLab.edge.exec("ip", ["-6", "address", "show", "dev", "wan0"])).stdout,
  });
  assert.match((await readings()).names, /nameserver 198\.51\.100\.1\n/);
  await nodeInLab.lab.cut("wan0");
  await node.until("its addresses are to be deprecated", async () =>
    (await plan()).steps.some(({ of }) => of === "address"),
  );
  await carryOut(await plan());
  await node.until("there is nothing left to do", isDone);
  const { names, addresses } = await readings();
  assert.match(names, /nameserver 198\.51\.100\.2\n/);
  assert.match(addresses, /2001:db8:a0::2\/64 scope global nodad deprecated/);
  await nodeInLab.lab.heal("wan0");
  await nodeInLab.edge.exec("ip", ["-6", "address", "change", "2001:db8:a0::2/64", "dev", "wan0", "nodad"]);
  await node.until("it is to go back", async () => !(await isDone()));
  await carryOut(await plan());
  await node.until("there is nothing left to do", isDone);
});

test("a cable that is pulled moves ordinary traffic with the program dead, and back when it is put in", async () => {
  await node.process.kill("SIGKILL");
  await nodeInLab.lab.cut("wan0");
  await bothLeaveBy("wan1");
  await nodeInLab.lab.heal("wan0");
  await bothLeaveBy("wan0");
});
