/** Where forwarded flows go when ordinary traffic moves to another uplink, and that no ISP ever sees another's address. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { client, createForwardingSite, peerPort, target, wan } from "./forwarding-site.ts";

const site = await createForwardingSite();
after(() => site[Symbol.asyncDispose]());

const kinds = (["ipv4", "ipv6"] as const).flatMap((family) =>
  (["tcp", "udp"] as const).map((protocol) => ({ family, protocol, name: `${protocol}-${family}` })),
);
let round = 0;

beforeEach(async () => {
  round += 1;
  await site.marks.purge();
  await site.preferOrdinary(0);
});

/** Flows of every kind, under names of this test. */
async function begin(label: string): Promise<readonly string[]> {
  const flows = kinds.map(({ name, ...kind }) => ({ ...kind, name: `${label}-${round}-${name}` }));
  for (const { name, protocol, family } of flows) {
    assert.equal(await site.client(`begin ${name} ${protocol} ${target[family]} ${peerPort}`), "begun", name);
  }
  return flows.map(({ name }) => name);
}

async function assertAnswered(flows: readonly string[]): Promise<void> {
  for (const name of flows) assert.equal(await site.client(`say ${name}`), "answered", name);
}

/** How many packets left by wan0 and by wan1 meanwhile. */
async function sentDuring(work: () => Promise<unknown>): Promise<readonly [number, number]> {
  const [before, , later] = [await site.sent(), await work(), await site.sent()];
  const [one = 0, two = 0] = later.map((packets, index) => packets - (before[index] ?? 0));
  return [one, two];
}

/** Packets, of a counter in the table `others`. */
async function counted(name: string): Promise<number> {
  const { stdout } = await site.edge.exec("nft", ["list", "counter", "inet", "others", name]);
  return Number(/packets (\d+)/.exec(stdout)?.[1]);
}

async function assertFlowsStay(): Promise<void> {
  assert.deepEqual(await site.marks.want(site.uplinks), { kind: "done" });
  const old = await begin("old");
  await site.preferOrdinary(1);
  const [stayed, strayed] = await sentDuring(() => assertAnswered(old));
  assert.ok(stayed >= old.length && strayed === 0, `${stayed} by wan0, ${strayed} by wan1`);
  let young: readonly string[] = [];
  const [left, moved] = await sentDuring(async () => {
    young = await begin("new");
  });
  assert.ok(left === 0 && moved >= young.length, `${left} by wan0, ${moved} by wan1`);
  await site.preferOrdinary(0);
  await assertAnswered([...old, ...young]);
  assert.equal(await site.strangers(), 0);
}

test("behind a masquerade an old flow stays where it began, and a new one goes where ordinary traffic goes now", async () => {
  await assertFlowsStay();
});

/** What the kernel does not mend by itself, as it does a masquerade whose interface changes. */
async function translateStatically(): Promise<AsyncDisposable> {
  const rules = wan.flatMap(({ name, ipv4, ipv6 }) => [
    `oifname ${name} ip saddr ${client.ipv4} snat ip to ${ipv4}`,
    `oifname ${name} ip6 saddr ${client.ipv6} snat ip6 to ${ipv6}`,
  ]);
  await site.nft(`table inet static { chain leave {
    type nat hook postrouting priority srcnat - 1
    ${rules.join("\n")}
    }
  }`);
  return { [Symbol.asyncDispose]: () => site.nft("delete table inet static") };
}

test("so it is with a static translation", async () => {
  await using _static = await translateStatically();
  await assertFlowsStay();
});

test("a flow from before the marks, silent until ordinary traffic has moved, is known by its address", async () => {
  const old = await begin("old");
  await site.marks.want(site.uplinks);
  await site.preferOrdinary(1);
  const [, strayed] = await sentDuring(() => assertAnswered(old));
  assert.equal(strayed, 0);
  assert.equal(await site.strangers(), 0);
});

test("a flow that is silent while the marks are gone stays on its uplink once they are made anew", async () => {
  await site.marks.want(site.uplinks);
  const old = await begin("old");
  await site.preferOrdinary(1);
  await site.nft("delete table inet ropewalk");
  assert.deepEqual(await site.marks.want(site.uplinks), { kind: "done" });
  const [stayed, strayed] = await sentDuring(() => assertAnswered(old));
  assert.ok(stayed >= old.length && strayed === 0, `${stayed} by wan0, ${strayed} by wan1`);
  assert.equal(await site.strangers(), 0);
});

test("the answers to what came in by an uplink leave by it, wherever ordinary traffic goes", async () => {
  await site.marks.want(site.uplinks);
  const { ipv4, ipv6 } = client;
  await site.nft(`table inet forwarded { chain enter { type nat hook prerouting priority dstnat;
    iifname wan1 tcp dport 5000 dnat ip to ${ipv4}:${peerPort}
    iifname wan1 udp dport 5000 dnat ip6 to [${ipv6}]:${peerPort}
    }
  }`);
  const [strayed, right] = await sentDuring(async () => {
    assert.equal(await site.target(`begin in4 tcp ${wan[1].ipv4} 5000`), "begun");
    assert.equal(await site.target(`begin in6 udp ${wan[1].ipv6} 5000`), "begun");
    for (const name of ["in4", "in6"]) assert.equal(await site.target(`say ${name}`), "answered");
  });
  assert.ok(strayed === 0 && right > 0, `${strayed} by wan0, ${right} by wan1`);
  assert.equal(await site.strangers(), 0);
  await site.nft("delete table inet forwarded");
});

test("with its uplink's table empty a flow goes nowhere, and once forgotten it begins anew by the other", async () => {
  await using _static = await translateStatically();
  await site.marks.want(site.uplinks);
  const old = await begin("old");
  await site.preferOrdinary(1);
  await site.edge.exec("ip", ["-4", "route", "flush", "table", "101"]);
  await site.edge.exec("ip", ["-6", "route", "flush", "table", "101"]);
  const udp = old.filter((name) => name.includes("udp"));
  const [back, leaked] = await sentDuring(async () => {
    for (const name of udp) assert.equal(await site.client(`say ${name}`), "silence");
  });
  assert.deepEqual([back, leaked], [0, 0]);
  assert.ok((await site.forgetFlowsOf(0)) >= old.length);
  await assertAnswered(udp);
  assert.equal(await site.strangers(), 0);
  await site.edge.exec("ip", ["-4", "route", "add", "default", "via", "198.18.0.1", "table", "101"]);
  await site.edge.exec("ip", ["-6", "route", "add", "default", "via", "2001:db8:a0::1", "table", "101"]);
});

test("what edge itself sends and what ends at edge bears no mark; an uplink's address leaves edge by no other", async () => {
  await site.marks.want(site.uplinks);
  const { edge } = site;
  for (const family of ["ipv4", "ipv6"] as const) {
    await edge.tryExec("ping", ["-c", "1", "-I", wan[1][family], "-W", "0.1", target[family]]);
    await edge.exec("ping", ["-c", "1", target[family]]);
  }
  await site.lab.host("client").exec("ping", ["-c", "1", "198.19.0.1"]);
  const icmp = (await site.tracked()).filter((line) => line.includes(" icmp"));
  assert.ok(icmp.length >= 3 && icmp.every((line) => line.includes("mark=0 ")), icmp.join("\n"));
  assert.equal(await site.strangers(), 0);
});

test("a packet to edge itself gets no mark, even when somebody has marked its flow", async () => {
  await site.marks.want(site.uplinks);
  await site.nft(`table inet others {
    counter reached { }
    chain before { type filter hook prerouting priority mangle - 1; iifname lan0 icmp type echo-request ct mark set 0x100; }
    chain behind { type filter hook input priority filter; iifname lan0 icmp type echo-request ct mark 0x100 meta mark 0 counter name reached; }
  }`);
  await site.lab.host("client").exec("ping", ["-c", "1", "198.19.0.1"]);
  assert.equal(await counted("reached"), 1);
  await site.nft("delete table inet others");
});

test("the bits of a mark that are others' stay as they are, on packets and on flows", async () => {
  await site.marks.want(site.uplinks);
  await site.nft(`table inet others {
    counter right { }
    chain before { type filter hook prerouting priority mangle - 1; iifname lan0 meta mark set 0x00a500a5; }
    chain flows { type filter hook forward priority mangle - 1; iifname lan0 ct mark set ct mark or 0x5a00005a; }
    chain behind { type filter hook prerouting priority mangle + 1; iifname lan0 meta mark 0x00a501a5 ct mark 0x5a00015a counter name right; }
  }`);
  await assertAnswered(await begin("old"));
  assert.ok((await counted("right")) >= kinds.length);
  await site.nft("delete table inet others");
});
