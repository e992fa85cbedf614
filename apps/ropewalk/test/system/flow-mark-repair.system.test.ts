/** Somebody at the firewall of a machine that Ropewalk steers: marks of forwarded flows are back at once, and it is told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";
import { readMetrics } from "./read-metrics.ts";

const atTheWheel = {
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
};
const deletion = ["delete", "table", "inet", "ropewalk"];

let place: NodeInLab;

before(async () => {
  place = await NodeInLab.openMeasuring(2, "");
});

after(async () => {
  await place[Symbol.asyncDispose]();
});

/** Each test has a node that remembers nothing of the others. */
const startNode = (test: string): Promise<Started> =>
  place.startNode({ env: { ...atTheWheel, ROPEWALK_STATE_DIR: join(place.folder, `state-${test}`) } });

const marks = async (): Promise<string> =>
  (await place.edge.tryExec("nft", ["list", "table", "inet", "ropewalk"])).stdout;

async function bothAreMarked(node: Started): Promise<void> {
  await node.until("both uplinks are marked, with their addresses of both families", async () => {
    const text = await marks();
    return ["198.18.0.2", "198.18.8.2", "2001:db8:a0::2", "2001:db8:a1::2"].every((address) => text.includes(address));
  });
}

async function told(action: string): Promise<number> {
  const counted = new RegExp(`^ropewalk_backhaul_steering_actions_total\\{action="${action}"\\} (\\d+)`, "m");
  return Number(counted.exec(await readMetrics(place.socket))?.[1] ?? 0);
}

const steering = async () => (await place.client().status(soon())).backhaul.steering;

/** Sockets of edge that hear of nftables: group 7 of protocol 12, in /proc/net/netlink. */
async function listening(): Promise<number> {
  const lines = (await place.edge.exec("cat", ["/proc/net/netlink"])).stdout.split("\n");
  return lines.filter((line) => /^\w+ +12 +\d+ +00000040 /.test(line)).length;
}

test("marks that somebody deletes are back at once, the lab's own firewall stays, and a fight is told and ends with a purge", async () => {
  const untouched = await snapshot(place.edge);
  await using node = await startNode("0");
  await bothAreMarked(node);
  const text = await marks();
  const before = await told("repaired");
  for (let round = 1; round <= 5; round += 1) {
    await place.edge.exec("nft", deletion);
    await node.until(`repair ${round} is told`, async () => (await told("repaired")) === before + round);
    assert.equal(await marks(), text);
  }
  assert.deepEqual((await steering()).unmet, []);
  assert.match(node.stderr + node.stdout, /changed by nft \(process \d+\): made anew/);
  await place.edge.exec("nft", deletion);
  await node.until("the fight is told", async () => (await told("put-off")) === 1);
  assert.deepEqual((await steering()).unmet, ["marks of forwarded flows: somebody else keeps changing them"]);
  assert.equal((await place.run(["uplink", "purge"])).status, 0);
  assert.equal(await snapshot(place.edge), untouched);
});

test("a machine that forwards nothing has no marks, and nobody listens", async () => {
  const settings = ["ipv4", "ipv6"].map((family) => `net.${family}.conf.all.forwarding`);
  {
    await using node = await startNode("1");
    await bothAreMarked(node);
    assert.equal(await listening(), 1);
    assert.equal((await place.run(["uplink", "purge"])).status, 0);
    assert.equal(await listening(), 0);
  }
  await place.edge.exec("sysctl", ["-q", ...settings.map((name) => `${name}=0`)]);
  await using node = await startNode("2");
  await node.until("it steers", async () => (await place.client().plan(soon())).steps.length === 0);
  assert.deepEqual([await marks(), await listening()], ["", 0]);
});
