/** The kernel's answers to Ropewalk's own requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAck } from "../../src/netlink/ack.ts";
import { decodeLink } from "../../src/netlink/link.ts";
import { decodeLinkCounters } from "../../src/netlink/link-counters.ts";
import { NLMSG } from "../../src/netlink/message.ts";
import { decodeNeighbour } from "../../src/netlink/neighbour.ts";
import { encodeDumpRequest, encodeLinkRequest } from "../../src/netlink/requests.ts";
import { decodeRule } from "../../src/netlink/rule.ts";
import { captured } from "./captures.ts";

function objectsOf(command: string) {
  return captured(command).filter(({ type }) => type !== NLMSG.DONE && type !== NLMSG.ERROR);
}

test("rules: source, mark, interfaces, table, protocol; those of multicast routing are passed over", () => {
  const rules = objectsOf("dump rules").map(({ payload }) => decodeRule(payload));
  // ip rule add from 192.0.2.2 fwmark 0x100/0xff00 iif va lookup 4242 priority 1000 protocol 77
  assert.deepEqual(rules[1], {
    family: "ipv4",
    priority: 1000,
    table: 4242,
    protocol: 77,
    source: { address: "192.0.2.2", length: 32 },
    destination: undefined,
    mark: { value: 0x100, mask: 0xff00 },
    suppressPrefixLength: undefined,
    inputInterface: "va",
    outputInterface: undefined,
  });
  // ip -6 rule add to 2001:db8::/32 oif va lookup 300 priority 900
  assert.deepEqual(
    rules.find((rule) => rule !== undefined && "table" in rule && rule.table === 300),
    {
      family: "ipv6",
      priority: 900,
      table: 300,
      protocol: 0,
      source: undefined,
      destination: { address: "2001:db8::", length: 32 },
      mark: undefined,
      suppressPrefixLength: undefined,
      inputInterface: undefined,
      outputInterface: "va",
    },
  );
  assert.equal(rules.filter((rule) => rule === undefined).length, 2);
});

test("neighbours", () => {
  const neighbours = objectsOf("dump neighbours").map(({ payload }) => decodeNeighbour(payload));
  const named = (address: string) =>
    neighbours.find((entry) => entry !== undefined && "address" in entry && entry.address === address);
  // ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:aa dev va nud permanent
  assert.deepEqual(named("192.0.2.1"), {
    ifindex: 3,
    family: "ipv4",
    address: "192.0.2.1",
    mac: "02:00:00:00:00:aa",
    state: "permanent",
  });
  // ip neigh add 2001:db8::1 lladdr 02:00:00:00:00:bb dev va nud stale
  assert.deepEqual(named("2001:db8::1"), {
    ifindex: 3,
    family: "ipv6",
    address: "2001:db8::1",
    mac: "02:00:00:00:00:bb",
    state: "stale",
  });
  // The router that only its advertisement made known.
  const router = named("fe80::ff:fe00:b");
  assert.deepEqual(router, { ifindex: 3, family: "ipv6", address: "fe80::ff:fe00:b", mac: undefined, state: "none" });
});

test("counters of every link, as /proc/net/dev told them at the same time", () => {
  const noFaults = { receiveErrors: 0, sendErrors: 0, receiveDropped: 0, sendDropped: 0 };
  const fewer = { packets: 7, octets: 586 };
  const more = { packets: 10, octets: 712 };
  const looped = { packets: 2, octets: 224 };
  const none = { packets: 0, octets: 0 };
  const link = (ifindex: number, received: typeof none, sent: typeof none) => ({
    ifindex,
    counters: {
      receivedPackets: received.packets,
      sentPackets: sent.packets,
      receivedBytes: received.octets,
      sentBytes: sent.octets,
      ...noFaults,
    },
  });
  assert.deepEqual(
    objectsOf("dump link-counters").map(({ payload }) => decodeLinkCounters(payload)),
    [link(1, looped, looped), link(2, more, fewer), link(3, fewer, more), link(4, none, none)],
  );
});

test("one link by name ends with an acknowledgement of zero", () => {
  const [link, ack] = captured("link va");
  assert.ok(link !== undefined && ack !== undefined);
  const decoded = decodeLink(link.payload);
  assert.equal(decoded !== undefined && "name" in decoded && decoded.name, "va");
  assert.deepEqual(decodeAck(ack), { errno: 0, text: undefined, offset: undefined });
});

test("a link that is not there is ENODEV", () => {
  const [answer] = captured("link absent");
  assert.ok(answer !== undefined);
  assert.deepEqual(decodeAck(answer), { errno: 19, text: undefined, offset: undefined });
});

test("a dump that strict checking refuses carries the kernel's own words", () => {
  const [answer] = captured("dump addresses with a prefix length that strict checking refuses");
  assert.ok(answer !== undefined);
  assert.equal(answer.type, NLMSG.DONE);
  const text = "ipv4: Invalid values in header for address dump request";
  assert.deepEqual(decodeAck(answer), { errno: 22, text, offset: undefined });
});

test("requests are laid out as linux/netlink.h and linux/rtnetlink.h say", () => {
  const links = "28000000 1200 0103 07000000 00000000 00000000000000000000000000000000 0800 1d00 08000000";
  assert.equal(encodeDumpRequest("links", 7).toHex(), links.replaceAll(" ", ""));
  const counters = "1c000000 5e00 0103 09000000 00000000 00000000 00000000 01000000";
  assert.equal(encodeDumpRequest("link-counters", 9).toHex(), counters.replaceAll(" ", ""));
  const named = "28000000 1200 0500 08000000 00000000 00000000000000000000000000000000 0700 0300 76610000";
  assert.equal(encodeLinkRequest("va", 8).toHex(), named.replaceAll(" ", ""));
});
