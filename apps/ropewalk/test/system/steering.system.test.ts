/** Ropewalk at the wheel of a real kernel: what it moves, what it ends, what it leaves behind, and how it gives everything back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { NodeStatus } from "@ropewalk/api/http";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { atTheWheel, eventually, wayTo } from "./at-the-wheel.ts";
import { foreignSources } from "./foreign-sources.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

const onTrial = { ...atTheWheel, ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "5s" };

let place: NodeInLab;

/** Each test has a node that remembers nothing of the others. */
function freshly(settings: Readonly<Record<string, string>>, test: string): Readonly<Record<string, string>> {
  return { ...settings, ROPEWALK_STATE_DIR: join(place.folder, `state-${test}`) };
}

before(async () => {
  place = await NodeInLab.openMeasuring(2, "");
});

after(async () => {
  await place[Symbol.asyncDispose]();
});

/** In the lab's internet, behind every uplink. */
const targets = { "-4": "203.0.113.10", "-6": "2001:db8:80:1::10" } as const;

async function wayOf(family: "-4" | "-6", ...more: readonly string[]): Promise<string | undefined> {
  return (await wayTo(place.edge, targets[family], ...more)).device;
}

/** With what the node itself said when it goes wrong. */
async function purge(node: Started): Promise<void> {
  const { status, stderr } = await place.run(["uplink", "purge"]);
  assert.equal(status, 0, `${stderr}\n${node.stdout}${node.stderr}`);
}

const bothLeaveBy = (name: string) =>
  eventually(`both families leave by ${name}`, async () => {
    return (await wayOf("-4")) === name && (await wayOf("-6")) === name;
  });

const statusOf = (): Promise<NodeStatus> => place.client().status(soon());

async function bothUplinksAreUp(node: Started): Promise<void> {
  await node.until("both uplinks are up", async () => {
    const { uplinks } = (await statusOf()).backhaul;
    return uplinks.length === 2 && uplinks.every(({ ipv4, ipv6 }) => ipv4.state === "up" && ipv6.state === "up");
  });
}

test("at the wheel it leaves a blackhole, goes back when that ends, and purge leaves the machine as it was", async () => {
  const untouched = await snapshot(place.edge);
  await using node = await place.startNode({ env: freshly(atTheWheel, "0") });
  await bothUplinksAreUp(node);
  assert.equal((await statusOf()).backhaul.steering.standing, "steering");
  await bothLeaveBy("wan0");
  assert.deepEqual((await place.client().plan(soon())).steps, [], "nothing is left to do");
  await place.lab.blackhole("wan0");
  await bothLeaveBy("wan1");
  assert.equal(await wayOf("-4", "from", "198.18.0.2"), "wan0", "who has an uplink's address leaves by that uplink");
  await place.lab.heal("wan0");
  await eventually("traffic returns to what is liked more", async () => (await wayOf("-4")) === "wan0");
  await purge(node);
  assert.equal(await snapshot(place.edge), untouched);
  assert.equal((await statusOf()).backhaul.steering.standing, "waiting");
});

test("what it did outlives its death, a new start takes it over, and the first purge gives everything back", async () => {
  const untouched = await snapshot(place.edge);
  const first = await place.startNode({ env: freshly(atTheWheel, "1") });
  await bothUplinksAreUp(first);
  await bothLeaveBy("wan0");
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  await place.lab.cut("wan0");
  await bothLeaveBy("wan1");
  await place.lab.heal("wan0");
  const steered = await snapshot(place.edge);
  await using second = await place.startNode({ env: freshly(atTheWheel, "1") });
  await bothUplinksAreUp(second);
  assert.equal((await statusOf()).backhaul.steering.standing, "steering");
  assert.equal(await snapshot(place.edge), steered, "nothing twice, and nothing anew");
  await purge(second);
  assert.equal(await snapshot(place.edge), untouched);
});

test("what nobody confirms is given back, what somebody confirms stays", async () => {
  const untouched = await snapshot(place.edge);
  await using node = await place.startNode({ env: freshly(onTrial, "2") });
  await bothUplinksAreUp(node);
  assert.equal((await statusOf()).backhaul.steering.standing, "waiting");
  const shown = await place.run(["uplink", "take"]);
  assert.equal(shown.status, 2);
  assert.match(shown.stdout, /ip -4 rule add/);
  assert.equal(await snapshot(place.edge), untouched, "a plan that is shown changes nothing");

  assert.equal((await place.run(["uplink", "take", "--yes"])).status, 0);
  assert.equal((await statusOf()).backhaul.steering.standing, "trial");
  await node.until("it is given back", async () => (await statusOf()).backhaul.steering.standing === "waiting");
  assert.equal(await snapshot(place.edge), untouched);

  assert.equal((await place.run(["uplink", "take", "--yes"])).status, 0);
  const confirmed = await place.run(["uplink", "confirm"]);
  assert.match(confirmed.stdout, /moves traffic/);
  assert.equal((await statusOf()).backhaul.steering.standing, "steering");
  await purge(node);
  assert.equal(await snapshot(place.edge), untouched);
});

test("a trial ends with the program that began it", async () => {
  const untouched = await snapshot(place.edge);
  const first = await place.startNode({ env: freshly(onTrial, "3") });
  await bothUplinksAreUp(first);
  assert.equal((await place.run(["uplink", "take", "--yes"])).status, 0);
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  assert.notEqual(await snapshot(place.edge), untouched);
  await using second = await place.startNode({ env: freshly(onTrial, "3") });
  assert.equal((await statusOf()).backhaul.steering.standing, "waiting");
  assert.equal(await snapshot(place.edge), untouched);
  await second.stop("SIGTERM");
});

test("in all of this no packet left an uplink with the address of another", async () => {
  assert.deepEqual(await foreignSources(place.lab), []);
});
