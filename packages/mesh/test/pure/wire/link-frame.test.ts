import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import fc from "fast-check";
import { anyLinkFrame, one } from "./link-frames.ts";

const { hello, announce, withdraw, request, packet, trace, status, ping, answer } = one;
const { message, proof, deposit, broadcast } = one;

test("a frame is read as what was written", () => {
  fc.assert(
    fc.property(anyLinkFrame, (frame) => {
      assert.deepEqual(decodeFrame(encodeFrame(frame)), frame);
    }),
    { numRuns: 1_000 },
  );
});

test("octets that are read as a frame are those that it would be written as", () => {
  const changed = fc.tuple(anyLinkFrame.map(encodeFrame), fc.nat(40), fc.nat(255), fc.nat(2));
  fc.assert(
    fc.property(changed, ([octets, place, value, cut]) => {
      if (place < octets.length) octets[place] = value;
      const part = octets.subarray(0, octets.length - cut);
      const frame = decodeFrame(part);
      if (frame !== undefined) assert.deepEqual(encodeFrame(frame), part);
    }),
    { numRuns: 5_000 },
  );
});

test("a frame of one length with an octet more or less is none", () => {
  for (const frame of [hello, announce, request, status, ping, one.pong]) {
    const octets = encodeFrame(frame);
    assert.equal(decodeFrame(octets.subarray(1)), undefined);
    assert.equal(decodeFrame(octets.subarray(0, -1)), undefined, frame.type);
    assert.equal(decodeFrame(Uint8Array.of(...octets, 0)), undefined, frame.type);
  }
});

test("what is beyond a frame's bounds is no frame", () => {
  const hopeless: readonly Uint8Array[] = [
    new Uint8Array(),
    ...[0, 16, 0x50, 255].map((type) => encodeFrame(ping).with(0, type)),
    // Another version, and kinds and states that there are not.
    encodeFrame(hello).with(1, 0),
    encodeFrame(hello).with(1, 2),
    encodeFrame(hello).with(2, 3),
    encodeFrame(hello).with(3, 3),
    encodeFrame(status).with(1, 3),
    encodeFrame(status).with(2, 255),
    encodeFrame({ ...withdraw, labels: [] }),
    encodeFrame({ ...withdraw, labels: new Array<number>(257).fill(1) }),
    encodeFrame(withdraw).subarray(0, -1),
    encodeFrame({ ...request, hopsLeft: 65 }),
    encodeFrame({ ...packet, hopsLeft: 65 }),
    encodeFrame({ ...packet, sidestepsLeft: 17 }),
    encodeFrame({ ...packet, body: new Uint8Array() }),
    encodeFrame({ ...packet, body: new Uint8Array(4086) }),
    encodeFrame({ ...trace, hopsLeft: 65 }),
    encodeFrame({ ...trace, sidestepsLeft: 255 }),
    encodeFrame({ ...trace, body: new Uint8Array() }),
    encodeFrame({ ...trace, addresses: new Array<typeof request.address>(65).fill(request.address) }),
    encodeFrame({ ...trace, addresses: [], body: new Uint8Array(3061) }),
    // More addresses than octets.
    encodeFrame(trace).with(11, 3),
    encodeFrame(trace).subarray(0, 11),
    encodeFrame({ ...answer, body: new Uint8Array() }),
    encodeFrame({ ...answer, body: new Uint8Array(4092) }),
    encodeFrame({ ...proof, ackKeys: [] }),
    encodeFrame({ ...proof, ackKeys: new Array<Uint8Array>(256).fill(new Uint8Array(16)) }),
    encodeFrame(proof).subarray(0, -1),
    // No copies, no life, too many hops: nobody may pass such an envelope on, or keep it.
    encodeFrame(message).with(5, 0x80),
    encodeFrame(message).with(6, 0).with(7, 0),
    encodeFrame(deposit).with(12, 65),
    encodeFrame(message).subarray(0, 47),
    encodeFrame(deposit).subarray(0, 51),
    encodeFrame(broadcast).with(1, 17),
    encodeFrame(broadcast).subarray(0, 51),
  ];
  for (const octets of hopeless) assert.equal(decodeFrame(octets), undefined, octets.subarray(0, 40).toHex());
});

test("frames at their bounds are read", () => {
  const bounds = [
    { ...withdraw, labels: new Array<number>(256).fill(0xffff_ffff) },
    { ...packet, hopsLeft: 64, sidestepsLeft: 16, body: new Uint8Array(4085) },
    { ...packet, hopsLeft: 0, sidestepsLeft: 0, body: new Uint8Array(1) },
    { ...trace, addresses: new Array<typeof request.address>(64).fill(request.address), body: new Uint8Array(3060) },
    { ...trace, addresses: [], body: new Uint8Array(3060) },
    { ...trace, addresses: [], body: new Uint8Array(1) },
    { ...proof, ackKeys: new Array<Uint8Array>(255).fill(new Uint8Array(16)) },
  ];
  for (const frame of bounds) assert.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  assert.equal(encodeFrame({ ...packet, body: new Uint8Array(4085) }).length, 4096);
});

test("an age is told in whole seconds, and no more of them than its field holds", () => {
  const told = (age: number) => decodeFrame(encodeFrame({ ...status, age: seconds(age) }));
  assert.deepEqual(told(61.9), { ...status, age: seconds(61) });
  assert.deepEqual(told(1e6), { ...status, age: seconds(65_535) });
});

test("envelope, proofs and broadcast are the octets that came and no copies of them", () => {
  for (const frame of [message, proof, deposit, broadcast]) {
    const octets = encodeFrame(frame);
    const read = decodeFrame(octets);
    octets.fill(0xee, 1);
    assert.deepEqual(encodeFrame(read ?? assert.fail()).subarray(9), octets.subarray(9), frame.type);
  }
});

test("announce, body and token are the octets that came and no copies of them", () => {
  for (const frame of [announce, packet, trace, ping, answer]) {
    const octets = encodeFrame(frame);
    const read = decodeFrame(octets);
    octets.fill(0xee, octets.length - 4);
    const view =
      read?.type === "announce" ? read.announce : read?.type === "ping" ? read.token : (read as typeof packet)?.body;
    assert.equal(view.buffer, octets.buffer);
    assert.equal(view.at(-1), 0xee);
  }
});
