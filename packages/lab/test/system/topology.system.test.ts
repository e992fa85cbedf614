/** The lab as built: everything answers through every uplink, and nothing that an ISP must refuse gets through. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { assertReachable, assertUnreachable, echoRequests, ping, targetAddresses } from "./packets.ts";
import { meet } from "./visit.ts";

let lab: Lab;
let creationMs = 0;

before(async () => {
  const start = performance.now();
  lab = await createLab();
  creationMs = performance.now() - start;
});
after(() => lab?.[Symbol.asyncDispose]());

test("a lab with three uplinks stands, and says how long it took", (context) => {
  context.diagnostic(`created in ${creationMs.toFixed(0)} ms`);
  assert.ok(creationMs > 0);
});

test("resolvers and targets answer through every uplink, over both families", async () => {
  const edge = lab.host("edge");
  const far = ["192.0.2.53", "198.51.100.53", "203.0.113.130", "2001:db8:53:1::53", "2001:db8:53:2::53"];
  for (const uplink of lab.uplinks) {
    for (const address of [...Object.values(targetAddresses), ...far]) {
      await assertReachable(edge, address, uplink.name);
    }
  }
});

test("targets are two hops behind the ISP", async () => {
  const { output } = await ping(lab.host("edge"), targetAddresses.ipv4, { from: "wan1", count: 1 });
  // 64 less the ISP and core on the way back.
  assert.match(output, /ttl=62/);
});

test("the client behind edge reaches the internet by name, with the uplink's own source", async () => {
  const client = lab.host("client");
  await assertReachable(client, targetAddresses.ipv4);
  await assertReachable(client, targetAddresses.ipv6);
  await client.exec("ping", ["-c", "1", "-W", "1", "target-2"]);
  const { foreign, sent } = await lab.counters("wan0");
  assert.deepEqual(foreign, []);
  assert.ok(sent.some(({ address, packets }) => address === "198.18.0.2" && packets >= 3));
});

test("an ISP drops a foreign source of either family and counts its packets and octets", async () => {
  const edge = lab.host("edge");
  await edge.exec("ip", ["address", "add", "198.51.100.77/32", "dev", "lo"]);
  await edge.exec("ip", ["address", "add", "2001:db8:bad::1/128", "dev", "lo", "nodad"]);
  const requests = await echoRequests(lab.host("target-1"));
  const before = await lab.counters("wan0");
  assert.equal(before.foreign.length, 0);
  await assertUnreachable(edge, targetAddresses.ipv4, "198.51.100.77");
  await assertUnreachable(edge, targetAddresses.ipv6, "2001:db8:bad::1");
  const { foreign, sent } = await lab.counters("wan0");
  // Three echo requests of 56 octets of data, 8 of ICMP and 20 or 40 of IP.
  assert.deepEqual(foreign, [
    { address: "198.51.100.77", packets: 3, bytes: 252 },
    { address: "2001:db8:bad::1", packets: 3, bytes: 312 },
  ]);
  assert.ok(sent.some(({ address, packets }) => address === "198.51.100.77" && packets === 3));
  assert.equal(await echoRequests(lab.host("target-1")), requests);
});

test("an ISP does not answer ARP for an address of its other links", async () => {
  const edge = lab.host("edge");
  for (const address of ["198.18.128.2", "198.18.0.1"]) {
    await edge.exec("ip", ["route", "replace", `${address}/32`, "dev", "wan0", "scope", "link"]);
  }
  await assertReachable(edge, "198.18.0.1", "wan0");
  await assertUnreachable(edge, "198.18.128.2", "wan0");
  const { stdout } = await edge.exec("ip", ["neighbour", "show", "to", "198.18.128.2"]);
  assert.match(stdout, /FAILED|INCOMPLETE/);
});

test("each host sees its own links in /sys, its own name, resolvers and an empty /run", async () => {
  const links = (await lab.host("edge").exec("ls", ["/sys/class/net"])).stdout.split("\n").filter(Boolean);
  assert.deepEqual(links.toSorted(), ["lan0", "lo", "wan0", "wan1", "wan2"]);
  const { stdout } = await lab.host("isp-c").exec("sh", ["-c", "hostname; ls /run; cat /etc/resolv.conf"]);
  // mount(8) itself keeps notes in /run/mount.
  assert.match(stdout, /^isp-c\nlab\nlock\n(mount\n)?nameserver 192\.0\.2\.53\n/);
});

test("both resolvers answer for the lab's names, over both families, and know no others", async () => {
  const ask = async (server: string, name: string) => {
    const source = `const r = new (require("node:dns").promises.Resolver)({ timeout: 1000, tries: 2 });
      r.setServers([process.argv[1]]);
      r.resolve4(process.argv[2]).then((a) => console.log(a.join()), (e) => console.log(e.code));`;
    return (await lab.host("client").exec(process.execPath, ["-e", source, server, name])).stdout.trim();
  };
  for (const server of ["192.0.2.53", "198.51.100.53", "[2001:db8:53:1::53]", "[2001:db8:53:2::53]"]) {
    assert.equal(await ask(server, "target-1"), "203.0.113.10", server);
  }
  assert.equal(await ask("192.0.2.53", "example.com"), "EREFUSED");
});

test("no packet on a link is larger than the link takes, also when TCP has much to send", async () => {
  const target = lab.host("target-1");
  const listen = `require("node:net").createServer((s) => s.on("end", () => s.end("thanks")).resume()).listen(9000, "0.0.0.0", () => console.log("up"))`;
  await using server = target.spawn(process.execPath, ["-e", listen]);
  await once(server.stdout, "data");
  const rules = "add table inet spy; add chain inet spy seen { type filter hook prerouting priority -400; };";
  await lab.host("core").exec("nft", [`${rules} add rule inet spy seen tcp dport 9000 meta length > 1500 counter`]);
  const send = `require("node:net").connect(9000, "203.0.113.10").end(Buffer.alloc(1_000_000)).on("data", (d) => console.log(String(d)))`;
  assert.equal((await lab.host("edge").exec(process.execPath, ["-e", send])).stdout, "thanks\n");
  assert.match((await lab.host("core").exec("nft", ["list", "table", "inet", "spy"])).stdout, /counter packets 0 /);
});

test("targets prove every one of their names by the lab's authority, and have a page of nothing", async () => {
  const visits = ["target-1", "target-2", "pinned", "check"].flatMap((name) =>
    ["203.0.113.10", "2001:db8:80:2::10"].map((address) => [`tls ${address} ${name}.lab.example`, "proved"]),
  );
  const page = ["http http://check.lab.example/generate_204", "204"];
  const expected = Object.fromEntries([
    ...visits,
    page,
    ["tls 203.0.113.10 other.example", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ]);
  assert.deepEqual(await meet(lab.host("client"), expected), expected);
  assert.equal(lab.certificateAuthority, "/run/lab/authority.pem");
});

test("a name that is not there is refused with the names that are", async () => {
  assert.throws(() => lab.host("isp-z"), { code: "LAB_BAD_REQUEST", message: /isp-z.*edge/ });
  await assert.rejects(lab.cut("wan9"), { code: "LAB_BAD_REQUEST", message: /wan0, wan1, wan2/ });
  await assert.rejects(createLab({ uplinks: 17 }), { code: "LAB_BAD_REQUEST" });
});
