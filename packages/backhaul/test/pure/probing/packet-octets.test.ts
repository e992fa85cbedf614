/** The octets of probes as the far side of a link counted them; the system tests count again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attemptOctets,
  connectionOctets,
  datagramOctets,
  echoOctets,
  packetsOf,
} from "@ropewalk/backhaul/pure/probing/packet-octets";
import { printable } from "@ropewalk/backhaul/pure/probing/printable";

test("an echo and a datagram are their payload and two headers", () => {
  assert.deepEqual([echoOctets("ipv4", 8), echoOctets("ipv6", 8)], [36, 56]);
  assert.deepEqual([datagramOctets("ipv4", 28), datagramOctets("ipv6", 28)], [56, 76]);
});

test("a connection that is reset at once takes three packets out and one in", () => {
  const nothing = { sent: 0, sentPackets: 0, received: 0, receivedPackets: 0, end: "reset" } as const;
  assert.deepEqual(connectionOctets("ipv4", nothing), { sent: 164, received: 60 });
  assert.deepEqual(connectionOctets("ipv6", nothing), { sent: 224, received: 80 });
});

test("each packet with data is acknowledged, and a close is a packet more each way", () => {
  const http = { sent: 89, sentPackets: 1, received: 83, receivedPackets: 1, end: "closed" } as const;
  assert.deepEqual(connectionOctets("ipv4", http), { sent: 357, received: 351 });
});

test("a refused connection is one packet out and a bare reset in", () => {
  assert.deepEqual(attemptOctets("ipv4", "reset"), { sent: 60, received: 40 });
  assert.deepEqual(attemptOctets("ipv6", "nothing"), { sent: 80, received: 0 });
});

test("data goes in as many packets as its segments take", () => {
  assert.deepEqual(
    [0, 1, 1448, 1449, 4000].map((octets) => packetsOf("ipv4", 1500, octets)),
    [0, 1, 1, 2, 3],
  );
  assert.equal(packetsOf("ipv6", 1500, 1429), 2);
});

test("what others wrote is shown in plain characters, and not much of it", () => {
  assert.equal(printable("portal\r\n\x1b[31m.example"), "portal???[31m.example");
  assert.equal(printable("x".repeat(1_000)).length, 120);
});
