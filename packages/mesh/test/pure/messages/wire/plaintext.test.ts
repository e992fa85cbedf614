import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "@ropewalk/kernel/errors";
import { decodePlaintext, encodePlaintext, type Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import fc from "fast-check";
import { anyPlaintext } from "./envelopes.ts";

const anyPadding = fc.nat(300).map((padding) => (padding === 1 ? 0 : padding));
const told = { port: 7, id: "0001020304050607", sent: 1_577_836_801 };
const whole: Plaintext = { kind: "whole", ...told, content: Uint8Array.of(1, 0, 0) };
const chunk: Plaintext = { kind: "chunk", ...told, index: 1, count: 2, content: Uint8Array.of(9) };

test("what is sealed is read as what was written, however it was padded", () => {
  fc.assert(
    fc.property(anyPlaintext, anyPadding, (plaintext, padding) => {
      const octets = encodePlaintext(plaintext, padding);
      assert.equal(octets.length, (plaintext.kind === "whole" ? 15 : 19) + plaintext.content.length + padding);
      assert.deepEqual(decodePlaintext(octets), plaintext);
    }),
    { numRuns: 1_000 },
  );
});

test("octets that are read are those that would be written", () => {
  fc.assert(
    fc.property(anyPlaintext, anyPadding, fc.nat(60), fc.nat(255), fc.nat(3), (plaintext, padding, at, value, cut) => {
      const octets = encodePlaintext(plaintext, padding);
      if (at < octets.length) octets[at] = value;
      const part = octets.subarray(0, octets.length - cut);
      const read = decodePlaintext(part);
      if (read === undefined) return;
      const head = read.kind === "whole" ? 15 : 19;
      assert.deepEqual(encodePlaintext(read, part.length - head - read.content.length), part);
    }),
    { numRuns: 5_000 },
  );
});

test("padding that is not what it says is refused", () => {
  const padded = encodePlaintext(whole, 4);
  const end = padded.length;
  const forged: readonly Uint8Array[] = [
    // None, one octet, more than there is, into the head, and something in it.
    padded.with(end - 1, 0),
    padded.with(end - 1, 1),
    padded.with(end - 2, 1),
    padded.with(end - 1, 8),
    padded.with(end - 3, 1),
    padded.with(end - 4, 0x80),
    encodePlaintext({ ...whole, content: new Uint8Array() }, 2).with(16, 3),
    // Into the head, where that is zero as well.
    encodePlaintext({ ...whole, sent: 1_577_836_800, content: new Uint8Array() }, 4).with(18, 5),
    // No room for its length.
    encodePlaintext({ ...whole, content: Uint8Array.of(2) }, 0).with(0, 0x81),
  ];
  for (const octets of forged) assert.equal(decodePlaintext(octets), undefined, octets.toHex());
  const shorter = decodePlaintext(padded.with(end - 1, 3).with(end - 4, 5));
  assert.deepEqual(shorter?.content, Uint8Array.of(1, 0, 0, 5), "the last zero is content where the length says so");
});

test("another kind, a chunk that is none, and what is cut are refused", () => {
  const hopeless: readonly Uint8Array[] = [
    new Uint8Array(),
    ...[0, 3, 0x41, 0x83].map((kind) => encodePlaintext(whole, 0).with(0, kind)),
    encodePlaintext(whole, 0).subarray(0, 14),
    encodePlaintext(chunk, 0).subarray(0, 19),
    encodePlaintext(chunk, 0).subarray(0, 18),
    encodePlaintext(chunk, 0).with(16, 2),
    encodePlaintext(chunk, 0).with(18, 1),
    encodePlaintext(chunk, 0).with(18, 0),
    encodePlaintext(chunk, 0).with(16, 0).with(18, 1),
  ];
  for (const octets of hopeless) assert.equal(decodePlaintext(octets), undefined, octets.toHex());
});

test("content is a view", () => {
  const octets = encodePlaintext(whole, 0);
  const read = decodePlaintext(octets);
  octets.fill(7, 15);
  assert.deepEqual(read?.content, Uint8Array.of(7, 7, 7));
});

test("a clock before 2020 is told as 2020", () => {
  const read = (sent: number) => decodePlaintext(encodePlaintext({ ...whole, sent }, 0))?.sent;
  assert.equal(read(0), 1_577_836_800);
  assert.equal(read(1_577_836_802.9), 1_577_836_802);
  assert.equal(read(1e12), 1_577_836_800 + 0xffff_ffff);
});

test("what does not fit its field is not written", () => {
  const unfit = [{ port: 65_536 }, { port: -1 }, { id: "00" }, { index: 2 }, { count: 1 }, { count: 65_536 }];
  for (const change of unfit)
    assert.throws(() => encodePlaintext({ ...chunk, ...change }, 0), InternalError, Object.keys(change).join());
  for (const padding of [1, 65_536]) assert.throws(() => encodePlaintext(whole, padding), InternalError);
});
