/** What is concluded from the packets that came: exact figures from records written by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import {
  gapAround,
  handover,
  longestGaps,
  type Packet,
  parsePackets,
  sentLate,
  summarize,
} from "@ropewalk/lab/packet-record";

const first = ipAddress("198.18.0.2");
const second = ipAddress("198.18.8.2");

function came(number: number, arrived: number, address = first): Packet {
  return { number, sentAt: BigInt(arrived - 1), arrivedAt: BigInt(arrived), address };
}

test("a record of 40 octets is read as the programs write it, of both families", () => {
  const octets = Uint8Array.from([
    ...[7, 0, 0, 0, 0, 0, 0, 0],
    ...[1, 2, 0, 0, 0, 0, 0, 0],
    ...[2, 2, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 198, 18, 0, 2],
    ...[8, 0, 0, 0, 0, 0, 0, 0],
    ...[3, 2, 0, 0, 0, 0, 0, 0],
    ...[4, 2, 0, 0, 0, 0, 0, 0],
    ...[0x20, 1, 0xd, 0xb8, 0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
  ]);
  assert.deepEqual(parsePackets(octets), [
    { number: 7, sentAt: 513n, arrivedAt: 514n, address: first },
    { number: 8, sentAt: 515n, arrivedAt: 516n, address: ipAddress("2001:db8:a0::2") },
  ]);
  assert.throws(() => parsePackets(octets.subarray(1)), RangeError);
});

test("what never came is lost, what came twice is a duplicate, and what came after a greater number is reordered", () => {
  const packets = [came(1, 10), came(2, 20), came(5, 50), came(4, 60), came(4, 70), came(6, 80, second)];
  assert.deepEqual(summarize(packets), {
    ...{ received: 6, lost: 1, duplicates: 1, reordered: 1 },
    byAddress: new Map([
      [first, 5],
      [second, 1],
    ]),
  });
});

test("when it is known what was sent, losses at both ends count", () => {
  assert.equal(summarize([came(1, 10), came(2, 20)], 0, 4).lost, 3);
  assert.equal(summarize([], 0, 4).lost, 5);
  assert.equal(summarize([]).lost, 0);
});

test("the longest gaps come first, and the one around a moment is found", () => {
  const packets = [came(1, 10), came(2, 20), came(3, 120), came(4, 150)];
  assert.deepEqual(
    longestGaps(packets, 2).map(({ nanos }) => nanos),
    [100n, 30n],
  );
  assert.equal(gapAround(packets, 119n)?.before.number, 2);
  assert.equal(gapAround(packets, 120n)?.before.number, 3);
  assert.equal(gapAround(packets, 9n), undefined);
  assert.equal(gapAround(packets, 150n), undefined);
});

test("a handover is from the old uplink's last packet before the new one's first after the fault", () => {
  const packets = [
    came(1, 10, second),
    came(2, 20),
    came(3, 30),
    came(7, 70, second),
    came(4, 75),
    came(8, 80, second),
  ];
  const found = handover(packets, first, 15n);
  assert.deepEqual([found?.before.number, found?.after.number, found?.nanos], [3, 7, 40n]);
  assert.equal(handover(packets, first, 90n), undefined);
});

test("what a sender was late is told by the packets that it sent in time", () => {
  const millisecond = 1_000_000;
  const sent = (number: number, at: number): Packet => {
    return { number, sentAt: BigInt(at), arrivedAt: BigInt(at + 50), address: first };
  };
  const packets = [
    sent(1, 5_001_000),
    sent(2, 6_000_000),
    sent(5, 17_000_000),
    sent(6, 17_000_100),
    sent(13, 17_000_300),
  ];
  const lateBy = packets.map((packet) => sentLate(packets, packet, 1_000));
  assert.deepEqual(lateBy, [1_000, 0, 8 * millisecond, 7 * millisecond + 100, 300]);
});
