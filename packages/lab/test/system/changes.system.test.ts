/** Uplinks that change under edge's feet: renumbered, renamed, added, removed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { uplinkSubnets } from "../../src/pure/topology.ts";
import { assertReachable, assertUnreachable, targetAddresses } from "./packets.ts";

let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 3 });
});
after(() => lab?.[Symbol.asyncDispose]());

async function edgeRoutes(): Promise<string> {
  const [ipv4, ipv6] = await Promise.all([["route"], ["-6", "route"]].map((args) => lab.host("edge").exec("ip", args)));
  return `${ipv4?.stdout}${ipv6?.stdout}`;
}

async function assertWhole(name: string): Promise<void> {
  for (const address of Object.values(targetAddresses)) await assertReachable(lab.host("edge"), address, name);
}

test("a renumbered uplink has a new address and gateway of both families and works; the old source is foreign", async () => {
  const before = uplinkSubnets(lab.uplink("wan1"));
  await lab.renumber("wan1");
  const after = uplinkSubnets(lab.uplink("wan1"));
  const routes = await edgeRoutes();
  for (const [index, { router, member }] of before.entries()) {
    assert.notEqual(after[index]?.member, member);
    assert.ok(!routes.includes(`via ${router} `));
    assert.ok(routes.includes(`via ${after[index]?.router} dev wan1 `), routes);
  }
  await assertWhole("wan1");
  const old = before[0]?.member ?? "";
  await lab.host("edge").exec("ip", ["address", "add", `${old}/32`, "dev", "wan1"]);
  await lab.host("edge").exec("ip", ["rule", "add", "from", old, "table", "77"]);
  await lab
    .host("edge")
    .exec("ip", ["route", "add", "default", "via", after[0]?.router ?? "", "dev", "wan1", "table", "77"]);
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv4, old);
  assert.deepEqual(
    (await lab.counters("wan1")).foreign.map(({ address }) => address),
    [old],
  );
});

test("eight renumberings come back to the first subnet, and all work", async () => {
  const first = uplinkSubnets(lab.uplink("wan2"));
  for (let round = 0; round < 8; round += 1) await lab.renumber("wan2");
  assert.deepEqual(uplinkSubnets(lab.uplink("wan2")), first);
  await assertWhole("wan2");
});

test("a renamed uplink keeps its addresses and is known by its new name alone", async () => {
  await lab.rename("wan2", "lte0");
  await assertWhole("lte0");
  assert.throws(() => lab.uplink("wan2"), { code: "LAB_BAD_REQUEST" });
  await assert.rejects(lab.rename("lte0", "wan1"), { code: "LAB_BAD_REQUEST" });
  await assert.rejects(lab.rename("lte0", "lan0"), { code: "LAB_BAD_REQUEST" });
  await assert.rejects(lab.rename("lte0", "a name; of two"), { code: "LAB_BAD_REQUEST" });
  await lab.renumber("lte0");
  await assertWhole("lte0");
});

test("an added uplink has an ISP of its own and a metric behind the others", async () => {
  const { uplink, at, doneAt } = await lab.add({ name: "usb0" });
  assert.ok(at < doneAt);
  assert.equal(uplink.isp, "isp-d");
  assert.match(await edgeRoutes(), /default via 198\.18\.24\.1 dev usb0 proto static metric 400/);
  await assertWhole("usb0");
});

test("a removed uplink is gone from edge; the next one added takes its place with another ifindex", async () => {
  const ifindex = async () => (await lab.host("edge").exec("cat", ["/sys/class/net/usb0/ifindex"])).stdout;
  const before = await ifindex();
  await lab.lose("usb0", 100);
  await lab.remove("usb0");
  assert.doesNotMatch(await edgeRoutes(), /usb0/);
  await lab.add({ name: "usb0" });
  assert.notEqual(await ifindex(), before);
  await assertWhole("usb0");
});

test("uplinks may come without addresses, or with one family", async () => {
  await using bare = await createLab({ uplinks: [{ addressing: "none" }, { families: ["ipv6"] }] });
  const { stdout } = await bare.host("edge").exec("ip", ["-oneline", "address", "show", "scope", "global"]);
  assert.doesNotMatch(stdout, /wan0|wan1\s+inet /);
  assert.match(stdout, /wan1\s+inet6 2001:db8:a1::2/);
  await assertReachable(bare.host("edge"), targetAddresses.ipv6, "wan1");
});
