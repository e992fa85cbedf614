/** The first message of TLS, however it is cut, and everything that is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { ClientHelloGate } from "@ropewalk/tunnel/pure/client-hello-gate";
import fc from "fast-check";

const record = (body: Uint8Array, type = 22) =>
  joined(Uint8Array.of(type, 3, 1, body.length >> 8, body.length & 255), body);
const hello = (length: number, type = 1) =>
  joined(Uint8Array.of(type, 0, length >> 8, length & 255), new Uint8Array(length));
const verdictOf = (octets: Uint8Array) => new ClientHelloGate().read(octets);

test("a message is whole with its last octet and not before, however records and segments cut it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 3000 }),
      fc.integer({ min: 200, max: 3000 }),
      fc.integer({ min: 1, max: 500 }),
      (length, cut, step) => {
        const message = hello(length);
        const records: Uint8Array[] = [];
        for (let at = 0; at < message.length; at += cut) records.push(record(message.subarray(at, at + cut)));
        const octets = joined(...records);
        const gate = new ClientHelloGate();
        for (let at = 0; at + step < octets.length; at += step) {
          assert.equal(gate.read(octets.subarray(at, at + step)).kind, "wait");
        }
        const left = octets.length % step || step;
        assert.equal(gate.read(octets.subarray(octets.length - left)).kind, "whole");
      },
    ),
    { numRuns: 200 },
  );
});

test("what follows the message is not judged", () => {
  assert.equal(verdictOf(joined(record(hello(100)), Uint8Array.of(99, 99))).kind, "whole");
});

test("other protocols, other records and other messages of TLS are refused at once", () => {
  const requests = ["GET / HTTP/1.1\r\n", "SSH-2.0-OpenSSH_9.2\r\n"].map((text) => new TextEncoder().encode(text));
  for (const octets of [...requests, record(hello(100), 23), record(hello(100, 2)), Uint8Array.of(22, 2)]) {
    assert.deepEqual(verdictOf(octets), { kind: "refused", reason: "wrong-protocol" });
  }
});

test("lengths of zero are no message", () => {
  assert.deepEqual(verdictOf(Uint8Array.of(22, 3, 1, 0, 0)), { kind: "refused", reason: "malformed-message" });
  assert.deepEqual(verdictOf(record(hello(0))), { kind: "refused", reason: "malformed-message" });
});

test("a record or message that is longer than may be is refused at its header, one in tiny records when it has sent enough", () => {
  assert.deepEqual(verdictOf(Uint8Array.of(22, 3, 1, 0x40, 1)), { kind: "refused", reason: "oversize" });
  assert.deepEqual(verdictOf(Uint8Array.of(22, 3, 1, 0x40, 0, 1, 0, 0x40, 1)), { kind: "refused", reason: "oversize" });
  const single = joined(...Array.from(hello(16_000), (octet) => record(Uint8Array.of(octet))));
  assert.deepEqual(verdictOf(single.subarray(0, 17_408)), { kind: "wait" });
  assert.deepEqual(verdictOf(single.subarray(0, 17_409)), { kind: "refused", reason: "oversize" });
});
