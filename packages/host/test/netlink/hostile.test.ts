/** Bytes that lie: every decoder answers "malformed" or passes over, and never throws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeAck } from "../../src/netlink/ack.ts";
import { readAttributes } from "../../src/netlink/attributes.ts";
import { decodeEvent } from "../../src/netlink/event.ts";
import { splitMessages } from "../../src/netlink/message.ts";
import { fuzzTargets } from "../fuzz-targets.ts";
import { allDatagrams, captured } from "./captures.ts";

const malformed = (value: unknown) =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "malformed";

test("a message longer than what was read is a fault, and those before it count", () => {
  const [datagram] = allDatagrams;
  assert.ok(datagram !== undefined);
  const { messages, fault } = splitMessages(Uint8Array.from([...datagram, ...datagram.subarray(0, 40)]));
  assert.equal(messages.length, 1);
  assert.match(fault?.reason ?? "", /1492 octets where 40 are left/);
});

test("a message shorter than its own header is a fault, not an endless loop", () => {
  const { messages, fault } = splitMessages(new Uint8Array(64));
  assert.equal(messages.length, 0);
  assert.equal(malformed(fault), true);
});

test("an attribute longer than its message is malformed", () => {
  assert.equal(readAttributes(Uint8Array.of(9, 0, 1, 0, 0, 0, 0, 0)), undefined);
  assert.equal(readAttributes(Uint8Array.of(3, 0, 1, 0)), undefined);
});

test("every captured message, cut at every octet, is decoded, passed over or malformed", () => {
  for (const datagram of allDatagrams) {
    for (const message of splitMessages(datagram).messages) {
      const step = message.payload.length > 400 ? 7 : 1;
      for (let length = 0; length < message.payload.length; length += step) {
        decodeEvent({ ...message, payload: message.payload.subarray(0, length) });
      }
      if (message.type === 24) {
        assert.equal(malformed(decodeEvent({ ...message, payload: message.payload.subarray(0, 11) })), true);
      }
    }
  }
});

test("a route whose address does not suit its family is malformed", () => {
  const [message] = captured("ip route add 203.0.113.0/24 via 192.0.2.1 table 4242 tos 0x10");
  assert.ok(message !== undefined);
  const payload = message.payload.slice();
  payload[0] = 10;
  assert.equal(malformed(decodeEvent({ ...message, payload })), true);
  payload[0] = 2;
  payload[1] = 33;
  assert.equal(malformed(decodeEvent({ ...message, payload })), true);
});

test("an RDNSS option of length zero is malformed", () => {
  const message = captured("router advertisement: RDNSS, lifetime 600, 2 servers")[1];
  assert.ok(message !== undefined);
  const payload = message.payload.slice();
  payload[17] = 0;
  assert.equal(malformed(decodeEvent({ ...message, payload })), true);
  payload[17] = 1;
  assert.equal(malformed(decodeEvent({ ...message, payload })), true);
});

test("a verdict above zero is malformed", () => {
  assert.equal(
    malformed(decodeAck({ type: 2, flags: 0, sequence: 1, portId: 0, payload: Uint8Array.of(1, 0, 0, 0) })),
    true,
  );
});

test("no decoder throws on random octets, nor on captured datagrams with octets changed", () => {
  const seed = 20_261_120;
  const real = fc
    .tuple(
      fc.constantFrom(...allDatagrams),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 }),
    )
    .map(([datagram, changes]) => {
      const bytes = datagram.slice();
      for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
      return bytes;
    });
  const input = fc.oneof(fc.uint8Array({ maxLength: 300 }), real);
  fc.assert(
    fc.property(input, (bytes) => {
      for (const target of fuzzTargets) target.run(bytes);
    }),
    { seed, numRuns: 3000 },
  );
});
