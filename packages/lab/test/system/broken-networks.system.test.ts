/** The networks that look alive and are not: each verb breaks what it says and leaves the rest, as applications see it. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { bytes, millis } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { assertReachable, assertUnreachable, targetAddresses } from "./packets.ts";
import { meet, visit } from "./visit.ts";

const target = "203.0.113.10";
const target6 = "2001:db8:80:1::10";
const targets = [target, target6];
const gateways = { ipv4: "198.18.0.1", ipv6: "2001:db8:a0::1" } as const;
const nearby = Object.values(gateways);
/** Of the ISP towards core: where its page is. */
const ispAddress = "198.18.128.2";
const tls = `tls ${target} pinned.lab.example`;
const tls6 = `tls ${target6} pinned.lab.example`;
const page = "http http://203.0.113.130/generate_204";
const dns = "dns udp 192.0.2.53 pinned.lab.example";
const dnsTcp = "dns tcp 192.0.2.53 pinned.lab.example";

let lab: Lab;
const edge = () => lab.host("edge");

before(async () => {
  lab = await createLab({ uplinks: 2 });
});
after(() => lab?.[Symbol.asyncDispose]());
afterEach(async () => {
  // What broke wan0 left wan1 alone, and heal leaves nothing of it.
  await reachable(targets, "wan1");
  await lab.heal("wan0");
  await reachable(targets);
  const whole = { [tls]: "proved", [tls6]: "proved", [page]: "204", [dns]: target, [dnsTcp]: target };
  await meets(whole);
});

/** Makes every visit and compares what came of it. */
async function meets(expected: Readonly<Record<string, string>>): Promise<void> {
  assert.deepEqual(await meet(edge(), expected), expected);
}

async function reachable(addresses: readonly string[], name = "wan0"): Promise<void> {
  await Promise.all(addresses.map((address) => assertReachable(edge(), address, name)));
}

async function unreachable(addresses: readonly string[], name = "wan0"): Promise<void> {
  await Promise.all(addresses.map((address) => assertUnreachable(edge(), address, name)));
}

async function sized(to: string, size: number): Promise<string> {
  const args = ["-n", "-W", "1", "-c", "2", "-i", "0.01", "-I", "wan0", "-M", "do", "-s", String(size), to];
  return (await edge().tryExec("ping", args)).stdout;
}

test("intercepted TCP accepts every connection, with a certificate for another name, and swallows the rest", async () => {
  await lab.interceptTcp("wan0");
  await meets({
    [`tcp ${target} 4321`]: "connected",
    [`tcp ${target6} 4321`]: "connected",
    [tls]: "ERR_TLS_CERT_ALTNAME_INVALID",
    [tls6]: "ERR_TLS_CERT_ALTNAME_INVALID",
    // The certificate is genuine: it is for the one who answers.
    [`tls ${target} sign-in.lab.example`]: "proved",
    [page]: "silence",
    [dns]: target,
  });
  await unreachable(targets);
});

test("a hijacked DNS answers every name, asked of whatever server, with the address of the ISP's page", async () => {
  // Nothing of this may be remembered: a visit made again is made from the same port.
  await meets({ [dns]: target });
  await lab.hijackDns("wan0");
  await meets({
    [dns]: ispAddress,
    [dnsTcp]: ispAddress,
    "dns udp 2001:db8:53:2::53 pinned.lab.example": ispAddress,
    "dns udp 203.0.113.77 no.such.name": ispAddress,
    [`http http://${ispAddress}/generate_204`]: "302",
    [tls]: "proved",
  });
  await reachable(targets);
});

test("a slow DNS gives the right answers late, over UDP and TCP; nothing else is late", async () => {
  await lab.portal("wan0");
  await meets({ [dns]: target });
  await lab.slowDns("wan0", millis(700));
  const asked = [dns, dnsTcp, "dns udp 2001:db8:53:1::53 pinned.lab.example"];
  const [connection, ...answers] = await visit(edge(), [`tcp ${target} 80`, ...asked]);
  for (const { result, tookMs } of answers) {
    assert.equal(result, target);
    assert.ok(tookMs >= 700, `${tookMs} ms`);
  }
  assert.equal(connection?.result, "connected");
  assert.ok(
    answers.every(({ tookMs }) => tookMs > connection.tookMs),
    `${connection.tookMs} ms`,
  );
});

test("where only ICMP passes, echoes are answered and no connection or name is", async () => {
  await lab.only("wan0", "icmp");
  await reachable([...targets, ...nearby]);
  const silent = [`tcp ${target} 443`, `tcp ${target6} 443`, dns, dnsTcp];
  await meets(Object.fromEntries(silent.map((text) => [text, "silence"])));
});

test("where ICMP is blocked, not even the gateway answers echoes, and everything else works", async () => {
  await lab.no("wan0", "icmp");
  await unreachable([...targets, ...nearby]);
  await meets({ [tls]: "proved", [tls6]: "proved", [page]: "204", [dns]: target, [dnsTcp]: target });
});

test("where UDP is blocked, names resolve over TCP alone", async () => {
  await lab.no("wan0", "udp");
  await meets({ [dns]: "silence", [dnsTcp]: target, [tls]: "proved" });
  await reachable(targets);
});

test("a deaf uplink's gateway answers and nothing beyond it does", async () => {
  await lab.deafen("wan0");
  await reachable(nearby);
  await unreachable(targets);
  await meets({ [`tcp ${target} 443`]: "silence", [`tcp ${target6} 443`]: "silence", [dns]: "silence" });
  // Nor does anything from beyond come in.
  const received = async () => (await lab.counters("wan0")).received.reduce((sum, { packets }) => sum + packets, 0);
  const before = await received();
  await assertUnreachable(lab.host("core"), "198.18.0.2", "203.0.113.1");
  assert.equal(await received(), before);
});

test("a small MTU swallows larger packets of both families without a word; smaller ones pass", async () => {
  await lab.mtu("wan0", bytes(1200));
  // 20 or 40 octets of IP and 8 of ICMP.
  for (const [address, fits] of [
    [target, 1172],
    [target6, 1152],
  ] as const) {
    assert.match(await sized(address, fits), / 2 received/);
    const tooLarge = await sized(address, fits + 1);
    assert.match(tooLarge, / 0 received/);
    assert.doesNotMatch(tooLarge, /[Tt]oo (big|long)|Frag/);
  }
  await meets({ [`tcp ${target} 443`]: "connected" });
});

test("in a small MTU no TLS handshake comes about, unless TCP keeps its segments small", async () => {
  await lab.mtu("wan0", bytes(1200));
  await meets({ [tls]: "silence" });
  const route = ["203.0.113.10/32", "via", gateways.ipv4, "dev", "wan0"];
  await edge().exec("ip", ["route", "add", ...route, "mtu", "lock", "1200"]);
  await meets({ [tls]: "proved" });
  await edge().exec("ip", ["route", "del", ...route]);
});

for (const [dead, alive] of [
  ["ipv4", "ipv6"],
  ["ipv6", "ipv4"],
] as const) {
  test(`with ${dead} dead, ${alive} works, and edge keeps the addresses and routes of both`, async () => {
    const look = async () => (await edge().exec("sh", ["-c", "ip -brief address; ip route; ip -6 route"])).stdout;
    const before = await look();
    await lab.kill("wan0", dead);
    await unreachable([targetAddresses[dead], gateways[dead]]);
    await reachable([targetAddresses[alive], gateways[alive]]);
    await meets({
      [`tcp ${targetAddresses[dead]} 443`]: "silence",
      [`tls ${targetAddresses[alive]} pinned.lab.example`]: "proved",
    });
    assert.equal(await look(), before);
  });
}

test("what cannot be is refused", async () => {
  const refused = { code: "LAB_BAD_REQUEST" };
  await assert.rejects(lab.mtu("wan0", bytes(10)), refused);
  await assert.rejects(lab.bloat("wan0", millis(60_000)), refused);
  await assert.rejects(lab.expire("wan0"), { ...refused, message: /wan0 has no lease: it is static, not dhcp/ });
});

test("strict rp_filter on a standby drops IPv4 answers and no IPv6; without default routes it keeps its addresses", async () => {
  const routes = async () => (await edge().exec("sh", ["-c", "ip route; ip -6 route show default"])).stdout;
  const before = await routes();
  await lab.strict("wan1");
  await unreachable([target], "wan1");
  await reachable([target6], "wan1");
  await reachable(targets);
  await lab.heal("wan1");
  await lab.unroute("wan1");
  assert.doesNotMatch(await routes(), /default via \S+ dev wan1/);
  assert.match(await routes(), /198\.18\.8\.0\/24 dev wan1/);
  await lab.heal("wan1");
  assert.equal(await routes(), before);
});
