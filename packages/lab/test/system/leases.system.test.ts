/** Uplinks by DHCP, with real programs at both ends, and uplinks that share a subnet. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { assertReachable, assertUnreachable, targetAddresses } from "./packets.ts";

let lab: Lab;
const edge = () => lab.host("edge");

before(async () => {
  lab = await createLab({
    uplinks: [
      {},
      { addressing: "dhcp", lease: seconds(5) },
      { subnet: "shared" },
      { subnet: "shared" },
      { subnet: "identical" },
      { subnet: "identical" },
    ],
  });
});
after(() => lab?.[Symbol.asyncDispose]());

async function addresses(name: string): Promise<string> {
  return (await edge().exec("ip", ["-oneline", "address", "show", "dev", name, "scope", "global"])).stdout;
}

async function defaultRoutes(name: string): Promise<string> {
  const { stdout } = await edge().exec("sh", [
    "-c",
    `ip route show default dev ${name}; ip -6 route show default dev ${name}`,
  ]);
  return stdout;
}

test("an uplink by DHCP gets address, route and resolvers from its ISP, IPv6 by router advertisements", async () => {
  const held = await addresses("wan1");
  assert.match(held, /inet 198\.18\.8\.2\/24 .*dynamic.* valid_lft [1-5]sec/);
  assert.match(held, /inet6 2001:db8:a1::2\/64 .*dynamic/);
  assert.match(await defaultRoutes("wan1"), /via 198\.18\.8\.1 proto dhcp metric 200/);
  assert.match(await defaultRoutes("wan1"), /via fe80::\S+ proto ra metric 200/);
  const { stdout: lease } = await edge().exec("cat", ["/var/lib/dhcp/dhclient.wan1.leases"]);
  assert.match(lease, /option domain-name-servers 192\.0\.2\.53,198\.51\.100\.53;/);
  for (const address of Object.values(targetAddresses)) await assertReachable(edge(), address, "wan1");
});

test("a server that gives another subnet moves the uplink at its next renewal: refused the old address, it asks anew", async () => {
  await using watch = edge().spawn("ip", ["-oneline", "monitor", "address"]);
  let seen = "";
  watch.stdout.setEncoding("utf8").on("data", (text: string) => {
    seen += text;
  });
  const { at, doneAt } = await lab.renumber("wan1");
  assert.ok(Number(doneAt - at) / 1e6 < 60_000);
  const held = await addresses("wan1");
  assert.match(held, /inet 198\.18\.9\.2\/24/);
  assert.doesNotMatch(held, /inet 198\.18\.8\.2/);
  assert.match(held, /inet6 2001:db8:a1:1::2\/64/);
  assert.match(held, /inet6 2001:db8:a1::2\/64 scope global deprecated/);
  assert.match(await defaultRoutes("wan1"), /via 198\.18\.9\.1 proto dhcp metric 200/);
  for (const address of Object.values(targetAddresses)) await assertReachable(edge(), address, "wan1");
  assert.match(seen.replaceAll("\n", ";"), /Deleted \d+: wan1 +inet 198\.18\.8\.2.*;\d+: wan1 +inet 198\.18\.9\.2/);
});

test("a lease that runs out takes the IPv4 address along and nothing else; with its server back it returns", async () => {
  const { at, doneAt } = await lab.expire("wan1");
  const took = Number(doneAt - at) / 1e6;
  assert.ok(took > 2_000 && took < 60_000, `${took} ms`);
  assert.doesNotMatch(await addresses("wan1"), /inet /);
  assert.doesNotMatch(await defaultRoutes("wan1"), /proto dhcp/);
  await assertReachable(edge(), targetAddresses.ipv6, "wan1");
  await assertReachable(edge(), targetAddresses.ipv4, "wan0");
  await lab.heal("wan1");
  await assertReachable(edge(), targetAddresses.ipv4, "wan1");
});

test("an uplink by DHCP can be added and removed, and keeps its name", async () => {
  await assert.rejects(lab.rename("wan1", "lte0"), { code: "LAB_BAD_REQUEST", message: /by DHCP/ });
  await lab.add({ name: "lte0", addressing: "dhcp", families: ["ipv4"] });
  await assertReachable(edge(), targetAddresses.ipv4, "lte0");
  await lab.remove("lte0");
  await lab.add({ name: "lte0", addressing: "dhcp", families: ["ipv6"] });
  await assertReachable(edge(), targetAddresses.ipv6, "lte0");
  await lab.remove("lte0");
});

for (const [plan, first, second] of [
  ["shared", "wan2", "wan3"],
  ["identical", "wan4", "wan5"],
] as const) {
  test(`two uplinks of one subnet (${plan}) and one gateway are two ways: each has its own ISP and its own faults`, async () => {
    const [one, other] = [await addresses(first), await addresses(second)].map((held) => /inet (\S+)/.exec(held)?.[1]);
    assert.equal(one === other, plan === "identical");
    assert.match(await defaultRoutes(first), /via 198\.18\.160\.1 /);
    assert.match(await defaultRoutes(second), /via 198\.18\.160\.1 /);
    await lab.blackhole(first);
    await assertUnreachable(edge(), targetAddresses.ipv4, first);
    await assertReachable(edge(), targetAddresses.ipv4, second);
    await lab.heal(first);
    await lab.interceptTcp(second);
    await assertReachable(edge(), targetAddresses.ipv4, first);
    await assertUnreachable(edge(), targetAddresses.ipv4, second);
    await lab.heal(second);
    await lab.renumber(first);
    for (const address of Object.values(targetAddresses)) await assertReachable(edge(), address, first);
  });
}
