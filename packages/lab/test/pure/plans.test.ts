/** What is told to programs: Ropewalk's configuration, leases, certificates, the filler of a queue. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bytes, millis } from "@ropewalk/kernel/units";
import { probeConfiguration } from "@ropewalk/lab/probe-configuration";
import fc from "fast-check";
import { authorityArguments, parseAuthority } from "../../src/pure/authority-plan.ts";
import { datagramsToSend, neighbourAddress, parseBacklog } from "../../src/pure/filler-plan.ts";
import { leaseClientConfig, leaseServerArguments } from "../../src/pure/lease-plan.ts";
import { narrowingCommands, standingQueue, wideningCommands } from "../../src/pure/shape-plan.ts";
import { planUplink, publicAddress, uplinkSubnets } from "../../src/pure/topology.ts";

test("Ropewalk is told of every target in both families, and of the resolvers of uplinks that have no lease", () => {
  const uplinks = [planUplink(0, "wan0", 0, {}), planUplink(1, "wan1", 0, { addressing: "dhcp" })];
  const text = probeConfiguration({ certificateAuthority: "/run/lab/authority.pem", uplinks });
  assert.ok(text.startsWith('[backhaul.probe]\nca_file = "/run/lab/authority.pem"\n'));
  assert.match(text, /url = "http:\/\/check\.lab\.example\/generate_204"\nstatus = 204\nbody = ""\n/);
  assert.match(text, /name = "pinned\.lab\.example"\naddresses = \["203\.0\.113\.10", "2001:db8:80:1::10"\]\n/);
  const targets = [
    ...text.matchAll(/\[\[backhaul\.probe\.target\]\]\nname = "(\S+)"\naddress = "(\S+)"\nport = 443\n/g),
  ];
  assert.deepEqual(
    targets.map(([, name, address]) => `${name} ${address}`),
    ["target-1 203.0.113.10", "target-1 2001:db8:80:1::10", "target-2 203.0.113.130", "target-2 2001:db8:80:2::10"],
  );
  const resolved = [
    ...text.matchAll(/\[\[backhaul\.uplink\]\]\ninterface = "(\S+)"\nresolvers = \["192\.0\.2\.53", /g),
  ];
  assert.deepEqual(
    resolved.map(([, name]) => name),
    ["wan0"],
  );
});

test("what is said of one uplink besides stands in its table alone", () => {
  const uplinks = [0, 1].map((slot) => planUplink(slot, `wan${slot}`, 0, {}));
  const said = { wan1: { metered: true, resolvers: [ipAddress("198.51.100.53")] } };
  const text = probeConfiguration({ certificateAuthority: "/ca.pem", uplinks }, ["ipv4"], said);
  assert.ok(text.endsWith('[[backhaul.uplink]]\ninterface = "wan1"\nresolvers = ["198.51.100.53"]\nmetered = true\n'));
  assert.equal(text.match(/metered/g)?.length, 1);
});

test("uplinks of a shared subnet differ in edge's address, identical ones in nothing; the internet tells both apart", () => {
  const ipv4 = (slot: number, subnet: "shared" | "identical") => {
    const uplink = planUplink(slot, "wan", 0, { subnet });
    const own = uplinkSubnets(uplink).find(({ family }) => family === "ipv4");
    return { gateway: own?.router, member: own?.member, seen: publicAddress(uplink) };
  };
  assert.deepEqual(
    [ipv4(0, "shared"), ipv4(1, "shared"), ipv4(2, "identical"), ipv4(3, "identical")],
    [
      { gateway: "198.18.160.1", member: "198.18.160.2", seen: "198.18.0.2" },
      { gateway: "198.18.160.1", member: "198.18.160.3", seen: "198.18.8.2" },
      { gateway: "198.18.160.1", member: "198.18.160.2", seen: "198.18.16.2" },
      { gateway: "198.18.160.1", member: "198.18.160.2", seen: "198.18.24.2" },
    ],
  );
});

test("a lease is renewed after two fifths of its time, and a moved uplink's old prefix is advertised as deprecated", () => {
  const before = planUplink(1, "wan1", 0, { addressing: "dhcp" });
  const after = { ...before, generation: 1 };
  assert.match(leaseClientConfig(before), /dhcp-lease-time 20;\n.*renewal-time 8;\n.*rebinding-time 16;/);
  const args = leaseServerArguments(after, before);
  assert.ok(args.includes("--dhcp-range=198.18.9.2,198.18.9.2,255.255.255.0,120"), args.join(" "));
  assert.ok(args.includes("--dhcp-range=2001:db8:a1:1::,ra-only,64,600"), args.join(" "));
  assert.ok(args.includes("--dhcp-range=2001:db8:a1::,ra-only,64,deprecated"), args.join(" "));
  const onlyIpv6 = leaseServerArguments({ ...after, families: ["ipv6"] });
  assert.ok(!onlyIpv6.some((word) => word.includes("198.18.")));
});

test("the target's certificate is longer than a packet: it has many names that nobody asks for", () => {
  const [targets = "", impostor] = authorityArguments();
  assert.ok(targets.startsWith("DNS:target-1.lab.example,DNS:target-2.lab.example,DNS:pinned.lab.example,"));
  assert.ok(targets.length > 3_000);
  assert.equal(impostor, "DNS:sign-in.lab.example");
  assert.equal(parseAuthority("something else"), undefined);
});

test("a bloated queue is 2 s of a line of 1 Mbit/s, with room for a quarter more, and goes as it came", () => {
  const bloat = { kind: "bloat", queue: millis(2_000) } as const;
  assert.equal(standingQueue(bloat.queue), 250_000);
  const [command] = narrowingCommands(bloat, "isp-a");
  assert.equal(command?.host, "core");
  assert.match(command?.args.join(" ") ?? "", /dev isp-a root tbf rate 1000000bit .* latency 2600ms/);
  assert.deepEqual(wideningCommands(bloat, "isp-a"), [
    { host: "core", args: ["qdisc", "del", "dev", "isp-a", "root"] },
  ]);
});

test("what is sent brings the queue to its length and not beyond, whatever waits", () => {
  assert.equal(datagramsToSend(bytes(250_000), bytes(0)), 198);
  assert.equal(datagramsToSend(bytes(250_000), bytes(250_000)), 0);
  fc.assert(
    fc.property(fc.nat(10_000_000), fc.nat(10_000_000), (wanted, waiting) => {
      const count = datagramsToSend(bytes(wanted), bytes(waiting));
      assert.ok(count >= 0 && count <= 1_000 && (count === 0 || waiting + count * 1_264 <= wanted + 632));
    }),
  );
  const addresses = Array.from({ length: 16 }, (_, slot) => neighbourAddress(slot));
  assert.equal(new Set(addresses).size, 16);
});

test("tc's word for the backlog is read, and any other line is none", () => {
  assert.equal(parseBacklog('[{"kind":"tbf","handle":"8001:","backlog":248086}]'), 248_086);
  assert.equal(parseBacklog('[{"kind":"tbf"}]'), 0);
  assert.equal(parseBacklog('[{"kind":"noqueue","backlog":1}]'), undefined);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      const read = parseBacklog(line);
      assert.ok(read === undefined || read >= 0);
    }),
  );
});
