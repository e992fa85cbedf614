import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import {
  decodeEnvelope,
  type EnvelopeHeader,
  encodeEnvelope,
  rewriteHop,
  tagName,
  tagOctets,
} from "@ropewalk/mesh/pure/messages/wire/envelope";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { frameLengths } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";
import { anyEnvelope, anyHeader, anyHop, oneEnvelope, readEnvelope } from "./envelopes.ts";

function headerOf(octets: Uint8Array): EnvelopeHeader {
  const { form, priority, copies, life, hops, tag } = readEnvelope(octets);
  return { form, priority, copies, life, hops, tag };
}

test("an envelope is read as what was written", () => {
  fc.assert(
    fc.property(anyHeader, fc.uint8Array({ minLength: 95, maxLength: 200 }), (header, sealed) => {
      const octets = encodeEnvelope(header, sealed);
      assert.equal(octets.length, 12 + sealed.length);
      assert.deepEqual(headerOf(octets), header);
      assert.deepEqual(readEnvelope(octets).sealed, sealed);
      assert.equal(readEnvelope(octets).name, header.tag.toHex());
    }),
    { numRuns: 500 },
  );
});

test("octets that are read as an envelope are those that it would be written as", () => {
  fc.assert(
    fc.property(anyEnvelope, fc.nat(11), fc.nat(255), ({ octets }, place, value) => {
      const changed = octets.with(place, value);
      const envelope = decodeEnvelope(changed);
      if (typeof envelope !== "string") assert.deepEqual(encodeEnvelope(envelope, envelope.sealed), changed);
    }),
    { numRuns: 5_000 },
  );
});

test("octets that are no envelope are told why, by the first fault", () => {
  const { octets } = oneEnvelope;
  const faults = {
    length: [new Uint8Array(), octets.subarray(0, 42), octets.with(0, 0xa8)],
    class: [octets.with(0, 0x98), octets.with(0, 0x80), octets.with(0, 0x89), octets.with(0, 0x8f)],
    life: [octets.with(1, 0).with(2, 0), octets.with(1, 0x17), octets.with(1, 0xb8)],
    hops: [octets.with(3, 65), octets.with(3, 255)],
  };
  for (const [fault, all] of Object.entries(faults))
    for (const none of all) assert.equal(decodeEnvelope(none), fault, none.subarray(0, 8).toHex());
  assert.notEqual(typeof decodeEnvelope(octets.subarray(0, 43)), "string", "an empty message in a chain");
});

test("a relay changes priority, copies, life and hops in the frame that goes on, and nothing else", () => {
  const places = { message: frameLengths.message, deposit: frameLengths.deposit };
  fc.assert(
    fc.property(anyEnvelope, anyHop, (envelope, hop) => {
      const before = envelope.octets.slice();
      const frames = {
        message: encodeFrame({ type: "message", label: 7, envelope }),
        deposit: encodeFrame({ type: "deposit", hint: new Uint8Array(8), envelope }),
      };
      for (const type of ["message", "deposit"] as const) {
        rewriteHop(frames[type], places[type], hop);
        const { form, tag } = envelope;
        assert.deepEqual(headerOf(frames[type].subarray(places[type])), { form, tag, ...hop });
        assert.deepEqual(readEnvelope(frames[type].subarray(places[type])).sealed, envelope.sealed);
      }
      assert.deepEqual(envelope.octets, before);
    }),
    { numRuns: 300 },
  );
});

test("what does not fit its field is not written", () => {
  const unfit: readonly Partial<EnvelopeHeader>[] = [
    { copies: 0 },
    { copies: 9 },
    { copies: 1.5 },
    { life: millis(999) },
    { hops: -1 },
    { hops: 65 },
    { tag: new Uint8Array(7) },
    { form: "opening" },
  ];
  const header: EnvelopeHeader = { ...headerOf(oneEnvelope.octets), life: seconds(1) };
  for (const change of unfit)
    assert.throws(
      () => encodeEnvelope({ ...header, ...change }, oneEnvelope.sealed),
      InternalError,
      Object.keys(change).join(),
    );
  assert.throws(() => encodeEnvelope(header, new Uint8Array(30)), InternalError);
});

test("what an envelope gives are views, and what is kept of it stays when the octets are written over", () => {
  const octets = oneEnvelope.octets.slice();
  const envelope = readEnvelope(octets);
  const kept = envelope.kept();
  octets.fill(0xff);
  assert.equal(envelope.tag[0], 0xff);
  assert.equal(envelope.sealed[0], 0xff);
  assert.deepEqual(kept, oneEnvelope);
});

test("a tag has a name, and a name its tag", () => {
  const tag = Uint8Array.of(0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff, 9);
  assert.equal(tagName(tag), "00010203fcfdfeff");
  assert.deepEqual(tagOctets(tagName(tag)), tag.subarray(0, 8));
});
