/** Many requests in one packet, and one attribute found among many. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findAttribute, readAttributes } from "../../src/netlink/attributes.ts";
import { NLM_F, splitMessages } from "../../src/netlink/message.ts";
import { encodeAttribute, encodeRequest, joinRequests } from "../../src/netlink/request.ts";

const request = (sequence: number) =>
  encodeRequest(7, NLM_F.ACK, sequence, new Uint8Array(4), [encodeAttribute(1, Uint8Array.of(sequence))]);

test("joined requests stay as they were, but that only the last asks for a verdict", () => {
  const { messages, fault } = splitMessages(joinRequests([1, 2, 3].map(request)));
  assert.equal(fault, undefined);
  assert.deepEqual(
    messages.map(({ sequence, flags, payload }) => [sequence, flags, payload.length]),
    [
      [1, NLM_F.REQUEST, 12],
      [2, NLM_F.REQUEST, 12],
      [3, NLM_F.REQUEST | NLM_F.ACK, 12],
    ],
  );
});

test("one request joined is that request", () => {
  assert.deepEqual(joinRequests([request(9)]), request(9));
});

test("of distinct attributes each is found as a list of all has it, and one that is not there is not", () => {
  const attribute = fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), value: fc.uint8Array({ maxLength: 20 }) });
  const list = fc.uniqueArray(attribute, { selector: ({ type }) => type, maxLength: 8 });
  fc.assert(
    fc.property(list, fc.integer({ min: 0, max: 0x3fff }), (attributes, other) => {
      const bytes = Buffer.concat(attributes.map(({ type, value }) => encodeAttribute(type, value)));
      const all = readAttributes(bytes);
      for (const { type, value } of attributes)
        assert.deepEqual(Uint8Array.from(findAttribute(bytes, type) ?? []), value);
      assert.equal(findAttribute(bytes, other) === undefined, all?.has(other) === false);
    }),
  );
});

test("on random octets the search ends and throws nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(0x3fff), (bytes, type) => void findAttribute(bytes, type)),
  );
});
