import assert from "node:assert/strict";
import { test } from "node:test";
import { type Family, families } from "@ropewalk/kernel/addresses";
import fc from "fast-check";
import { decodeEchoReply, encodeEchoRequest, internetChecksum, stripIpv4Header } from "../../src/pure/echo-message.ts";

const replyType: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 129 };

/** What a peer makes of a request: the type of a reply, and the checksum that goes with it. */
function answer(family: Family, request: Uint8Array): Uint8Array {
  const reply = request.slice();
  reply[0] = replyType[family];
  reply.set([0, 0], 2);
  if (family === "ipv4") new DataView(reply.buffer).setUint16(2, internetChecksum(reply));
  return reply;
}

test("the checksum is that of the example in RFC 1071 §3", () => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(internetChecksum(example), ~0xddf2 & 0xffff);
});

test("an odd octet counts as if a zero followed, and nothing at all sums to all ones", () => {
  assert.equal(internetChecksum(Uint8Array.of(0x12)), internetChecksum(Uint8Array.of(0x12, 0x00)));
  assert.equal(internetChecksum(new Uint8Array()), 0xffff);
});

test("the checksum does not overflow on the longest message", () => {
  assert.equal(internetChecksum(new Uint8Array(65_535).fill(0xff)), 0x00ff);
});

test("an IPv4 request has type 8, our identifier and sequence, and a checksum that proves itself (RFC 792)", () => {
  const payload = new TextEncoder().encode("abcdefghijklmnopqrstuvwabcdefghi");
  const request = encodeEchoRequest("ipv4", { identifier: 1, sequence: 1, payload });
  // The first request of Windows' ping.exe, as captures of it show.
  assert.equal(request.subarray(0, 8).toHex(), "08004d5a00010001");
  assert.equal(internetChecksum(request), 0);
});

test("an IPv6 request has type 128 and leaves its checksum to the kernel (RFC 4443 §4.1)", () => {
  const request = encodeEchoRequest("ipv6", { identifier: 0xbeef, sequence: 0x0102, payload: Uint8Array.of(9) });
  assert.equal(request.toHex(), "80000000beef010209");
});

test("the reply to any request gives back its identifier, sequence and payload", () => {
  const octets = fc.uint8Array({ maxLength: 200 });
  const number = fc.nat(0xffff);
  fc.assert(
    fc.property(fc.constantFrom(...families), number, number, octets, (family, identifier, sequence, payload) => {
      const request = encodeEchoRequest(family, { identifier, sequence, payload });
      assert.deepEqual(decodeEchoReply(family, answer(family, request)), { identifier, sequence, payload });
      assert.equal(decodeEchoReply(family, request), undefined, "a request is no reply");
    }),
  );
});

test("a reply cut short, of another code, or with one bit changed under an IPv4 checksum is none", () => {
  const payload = Uint8Array.of(1, 2, 3, 4);
  const reply = answer("ipv4", encodeEchoRequest("ipv4", { identifier: 5, sequence: 6, payload }));
  for (let length = 0; length < reply.length; length += 1) {
    assert.equal(decodeEchoReply("ipv4", reply.subarray(0, length)), undefined, `${length} octets`);
  }
  for (let bit = 0; bit < reply.length * 8; bit += 1) {
    const changed = reply.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(decodeEchoReply("ipv4", changed), undefined, `bit ${bit}`);
  }
  assert.equal(decodeEchoReply("ipv6", Uint8Array.of(129, 1, 0, 0, 0, 0, 0, 0)), undefined);
});

test("an IPv4 header is taken off by its own length, options included, and nothing else is", () => {
  const message = Uint8Array.of(7, 7, 7);
  const behind = (first: number, length: number) => Uint8Array.of(first, ...new Uint8Array(length - 1), ...message);
  assert.deepEqual(stripIpv4Header(behind(0x45, 20)), message);
  assert.deepEqual(stripIpv4Header(behind(0x4f, 60)), message);
  assert.equal(stripIpv4Header(behind(0x44, 16)), undefined, "a header shorter than 20 octets");
  assert.equal(stripIpv4Header(behind(0x65, 20)), undefined, "version 6");
  assert.equal(stripIpv4Header(Uint8Array.of(0x46, ...new Uint8Array(20))), undefined, "cut within its options");
  assert.equal(stripIpv4Header(new Uint8Array()), undefined);
});
