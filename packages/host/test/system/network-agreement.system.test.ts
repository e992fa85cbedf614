/** Codec and watch against a second implementation: iproute2's view of a busy namespace, object by object. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { NetworkFacts } from "@ropewalk/host/facts";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { dumpNow } from "../../src/linux/netlink-dump.ts";
import { isMalformed } from "../../src/netlink/malformed.ts";
import { decodeNextHop } from "../../src/netlink/next-hop.ts";
import type { NextHopObject } from "../../src/tables/network-event.ts";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { factsUntil } from "../ports/facts-until.ts";
import { assertAgreement, differences } from "./agreement.ts";
import { ipLinks, ipNeighbours, ipNextHops, ipRules } from "./ip-facts.ts";
import { ipBatch } from "./namespace-world.ts";

const busy: readonly string[] = [
  ...Array.from(
    { length: 8 },
    (_, index) => `link add name v${index} mtu ${1400 + index} type veth peer name w${index}`,
  ),
  ...Array.from({ length: 8 }, (_, index) => [`link set v${index} up`, `link set w${index} up`]).flat(),
  "link set w7 down",
  "link add br0 type bridge",
  "link set w0 master br0",
  "link set br0 up",
  "link add mac0 link v1 type macvlan",
  "link add vx0 type vxlan id 7 dstport 4789 dev v1",
  "link add ifb9 type ifb",
  ...Array.from({ length: 6 }, (_, index) => `address add 10.${index}.0.1/24 dev v${index}`),
  "address add 10.0.0.9/24 dev v0",
  "address add 198.51.100.1 peer 198.51.100.2/32 dev v1",
  "address add 2001:db8::1/64 dev v0 nodad",
  "address add 2001:db8:1::1/64 dev v1 nodad preferred_lft 0",
  "address add 169.254.7.7/16 dev v2 scope link",
  "route add default via 10.0.0.254 metric 100 protocol dhcp src 10.0.0.9",
  "route add default via 10.1.0.254 metric 200",
  "route append default via 10.2.0.254 metric 200",
  "route add 172.16.0.0/12 nexthop via 10.0.0.254 weight 3 nexthop via 10.1.0.254",
  "route add 172.20.0.0/16 via inet6 2001:db8::9 dev v0",
  "route add 203.0.113.0/24 via 10.2.0.254 table 4242",
  "route add 203.0.113.0/24 via 10.2.0.254 tos 0x10",
  "route add blackhole 192.0.2.0/24",
  "route add unreachable default metric 4278198272",
  "route add prohibit 192.0.3.0/24",
  "route add throw 192.0.4.0/24 table 77",
  "-6 route add default via 2001:db8::fe metric 10",
  "-6 route append default via 2001:db8::ff metric 10",
  "-6 route add 2001:db8:77::/48 dev v3 metric 99 protocol 201",
  "-6 route add unreachable 2001:db8:dead::/48",
  "nexthop add id 5 via 10.3.0.254 dev v3",
  "nexthop add id 6 via 10.4.0.254 dev v4",
  "nexthop add id 7 group 5,3/6",
  "nexthop add id 8 blackhole",
  "nexthop add id 9 via 2001:db8::9 dev v0",
  "route add 172.30.0.0/16 nhid 7",
  "route add 172.31.0.0/16 nhid 8",
  "-6 route add 2001:db8:99::/48 nhid 9",
  "rule add from 10.0.0.9 lookup 4242 priority 1000 protocol 77",
  "rule add fwmark 0x100/0xff00 iif v0 lookup 100000 priority 1001",
  "rule add to 192.0.2.0/24 oif v1 lookup main priority 1002",
  "-6 rule add from 2001:db8::/32 lookup 300 priority 900",
  "neighbour add 10.0.0.254 lladdr 02:00:00:00:00:aa dev v0 nud permanent",
  "neighbour add 10.1.0.254 lladdr 02:00:00:00:00:bb dev v1 nud stale",
  "neighbour add 2001:db8::fe lladdr 02:00:00:00:00:cc dev v0 nud noarp",
];

function nextHopObjects(): readonly NextHopObject[] {
  const objects: NextHopObject[] = [];
  const onMessage = ({ payload }: { readonly payload: Uint8Array }) => {
    const decoded = decodeNextHop(payload);
    if (!isMalformed(decoded)) objects.push(decoded);
  };
  dumpNow(createNative(), "next-hops", { onMessage, onMalformed: () => assert.fail("a malformed dump") });
  return objects;
}

inOwnNamespace(import.meta.filename, () => {
  test("every link, address, route, rule, neighbour and nexthop is as iproute2 says", async () => {
    const native = createNative();
    const options = { keepRoute: () => true };
    await using early = await createNetworkWatch(native, createSystemClock(), options);
    ipBatch(busy);
    await assertAgreement(() => early.facts, "a watch that followed every event");
    await using late = await createNetworkWatch(native, createSystemClock(), options);
    await assertAgreement(() => late.facts, "a watch that dumped everything at once");
    assert.equal(early.counts.undecodable + late.counts.undecodable, 0);

    const reader = createNetworkReader(native);
    const indexOf = new Map(ipLinks().map((link) => [link.name, link.ifindex]));
    assert.deepEqual(differences(reader.rules(), ipRules()), []);
    assert.deepEqual(differences(reader.neighbours(), ipNeighbours(indexOf)), []);
    assert.deepEqual(differences(nextHopObjects(), ipNextHops(indexOf)), []);
    assert.ok(late.facts.routes.length > 60 && late.facts.links.size > 20);
  });

  test("routes that only name a nexthop object are resolved through it, and follow it when it changes", async () => {
    writeFileSync("/proc/sys/net/ipv4/nexthop_compat_mode", "0");
    const clock = createSystemClock();
    await using watch = await createNetworkWatch(createNative(), clock, {
      keepRoute: (route) => route.nextHopId === 7,
    });
    const [v3, v4] = ["v3", "v4"].map((name) => ipLinks().find((link) => link.name === name)?.ifindex);
    const first = { ifindex: v3, gateway: "10.3.0.254", weight: 3, isDead: false };
    const second = { ifindex: v4, gateway: "10.4.0.254", weight: 1, isDead: false };
    assert.deepEqual(watch.facts.routes[0]?.nextHops, [first, second]);
    ipBatch(["nexthop replace id 5 via 10.3.0.77 dev v3"]);
    const moved = (facts: NetworkFacts) => facts.routes[0]?.nextHops[0]?.gateway === "10.3.0.77";
    assert.deepEqual((await factsUntil(watch, moved)).routes[0]?.nextHops[1], second);
    ipBatch(["nexthop del id 7"]);
    await factsUntil(watch, (facts) => facts.routes.length === 0);
  });
});
