/** Everything is given back without a node too: what a killed one left, by whoever may, and by nobody else. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { NodeStatus } from "@ropewalk/api/http";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { asNobody, NodeInLab, type Started, soon } from "./node-in-lab.ts";

const atTheWheel = {
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
};

let place: NodeInLab;
let untouched: string;

before(async () => {
  place = await NodeInLab.openMeasuring(2, "");
  // Strict filters are among what it has to change, and to give back.
  await place.edge.tryExec("sh", ["-c", "for f in /proc/sys/net/ipv4/conf/wan*/rp_filter; do echo 1 > $f; done"]);
  untouched = await snapshot(place.edge);
});

after(async () => {
  await place[Symbol.asyncDispose]();
});

const statusOf = (): Promise<NodeStatus> => place.client().status(soon());

async function steered(node: Started): Promise<void> {
  await node.until("it steers, and nothing is left to do", async () => {
    const { uplinks, steering } = (await statusOf()).backhaul;
    const { steps } = await place.client().plan(soon());
    return uplinks.length === 2 && steering.standing === "steering" && steps.length === 0;
  });
}

async function killed(node: Started): Promise<void> {
  await node.process.kill("SIGKILL");
  await node[Symbol.asyncDispose]();
}

test("what a killed node left is given back by a purge that finds no node, and the next node waits", async () => {
  const node = await place.startNode({ env: atTheWheel });
  await steered(node);
  await killed(node);
  const left = await snapshot(place.edge);
  assert.notEqual(left, untouched);
  const elsewhere = { ROPEWALK_RUNTIME_DIR: join(place.folder, "nobody") };
  const refused = await place.run(["uplink", "purge"], { prefix: asNobody, env: elsewhere });
  assert.equal(refused.status, 5);
  assert.match(refused.stderr, /no node answers.*CAP_NET_ADMIN/);
  assert.equal(await snapshot(place.edge), left);

  const purged = await place.run(["uplink", "purge"]);
  assert.equal(purged.status, 0, purged.stderr);
  assert.match(purged.stdout, /^ip -4 rule del .*priority 32765 protocol 201$/m);
  assert.match(purged.stdout, /^sysctl -w net\/ipv4\/conf\/wan1\/rp_filter=1$/m);
  assert.match(purged.stdout, /nothing of it is left\.$/m);
  assert.equal(await snapshot(place.edge), untouched);

  await using next = await place.startNode({ env: atTheWheel });
  assert.equal((await statusOf()).backhaul.steering.standing, "waiting");
  await next.stop("SIGTERM");
  assert.equal(await snapshot(place.edge), untouched);
});

test("where there is nothing to give back it says so, and where a node runs under another socket it is left to that", async () => {
  const again = await place.run(["uplink", "purge", "--json"]);
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(JSON.parse(again.stdout), { node: null, done: [], unknown: null, refused: null });
  await using _node = await place.startNode({ env: { ROPEWALK_STATE_DIR: join(place.folder, "state-2") } });
  const other = { ROPEWALK_RUNTIME_DIR: join(place.folder, "run-2") };
  assert.equal((await place.run(["uplink", "purge"], { env: other })).status, 6);
});

test("without the state the kernel's tables are emptied all the same, and it says what it cannot give back", async () => {
  const env = { ...atTheWheel, ROPEWALK_STATE_DIR: join(place.folder, "state-3") };
  const node = await place.startNode({ env });
  await steered(node);
  await killed(node);
  const lost = join(place.folder, "lost");
  const blind = await place.run(["uplink", "purge"], { env: { ROPEWALK_STATE_DIR: lost } });
  assert.equal(blind.status, 1, "how resolv.conf was is kept in the state alone");
  assert.match(blind.stderr, /\/etc\/resolv\.conf: the local store does not tell how it was/);
  assert.ok(blind.stdout.includes(`there is no ${lost}/state.sqlite`), blind.stdout);
  assert.doesNotMatch((await place.edge.tryExec("ip", ["-4", "rule", "show"])).stdout, /3200/);
  const knowing = await place.run(["uplink", "purge"], { env });
  assert.equal(knowing.status, 0, knowing.stderr);
  assert.equal(await snapshot(place.edge), untouched);
});
