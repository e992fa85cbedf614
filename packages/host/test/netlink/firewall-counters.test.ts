/** Counters of nftables as the kernel tells them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeCounter, encodeCounterDump } from "../../src/netlink/firewall-counters.ts";
import { splitMessages } from "../../src/netlink/message.ts";
import { counterMessage } from "./counter-message.ts";

const newObject = 0x0a12;

test("all counters of a table are asked for in one request", () => {
  const [request] = splitMessages(encodeCounterDump("here", 7)).messages;
  assert.deepEqual([request?.type, request?.flags, request?.sequence], [0x0a13, 0x301, 7]);
  assert.equal(request?.payload.toHex(), "01000000090001006865726500000000" + "0800030000000001");
});

test("a counter is told with its name and what it counted", () => {
  assert.deepEqual(decodeCounter({ type: newObject, payload: counterMessage }), {
    name: "seen",
    packets: 3,
    octets: 4,
  });
  assert.equal(decodeCounter({ type: newObject + 1, payload: counterMessage }), undefined);
});

test("what is cut or changed is passed over or read, and never throws", () => {
  for (let length = 0; length < counterMessage.length; length += 1)
    assert.equal(decodeCounter({ type: newObject, payload: counterMessage.subarray(0, length) }), undefined);
  const changed = fc.tuple(fc.nat(counterMessage.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(changed, { minLength: 1, maxLength: 8 }), (changes) => {
      const payload = counterMessage.slice();
      for (const [at, octet] of changes) payload[at] = octet;
      decodeCounter({ type: newObject, payload });
    }),
  );
});
