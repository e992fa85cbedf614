/** Envelopes, plaintexts and broadcasts of every kind, as fast-check makes them, and one of each: those of the vectors. */
import { seconds } from "@ropewalk/kernel/units";
import {
  type Broadcast,
  decodeBroadcast,
  encodeBroadcast,
  longestBroadcastLife,
} from "@ropewalk/mesh/pure/messages/wire/broadcast";
import {
  decodeEnvelope,
  type Envelope,
  type EnvelopeForm,
  type EnvelopeHeader,
  encodeEnvelope,
  envelopeLengths,
  type Priority,
  priority,
} from "@ropewalk/mesh/pure/messages/wire/envelope";
import { encodeLife, longestLife } from "@ropewalk/mesh/pure/messages/wire/life";
import type { Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import fc from "fast-check";

const plainly = { noNullPrototype: true } as const;
const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Such as can be written to the second. */
export const anyLife = fc.integer({ min: 1, max: longestLife / 1000 }).map((whole) => {
  const exponent = (encodeLife(seconds(whole)) ?? 0) >>> 12;
  return seconds(whole - (whole % 2 ** exponent));
});
export const anyPriority: fc.Arbitrary<Priority> = fc.constantFrom(...Object.values(priority));
const anyForm: fc.Arbitrary<EnvelopeForm> = fc.constantFrom("opening", "chain");
const hop = { priority: anyPriority, copies: fc.integer({ min: 1, max: 8 }), life: anyLife, hops: fc.nat(64) };

export const anyHop = fc.record(hop, plainly);
export const anyHeader: fc.Arbitrary<EnvelopeHeader> = fc.record({ form: anyForm, ...hop, tag: octetsOf(8) }, plainly);

/** With something sealed that nobody can open. */
export const anyEnvelope: fc.Arbitrary<Envelope> = anyHeader.chain((header) =>
  fc
    .uint8Array({ minLength: envelopeLengths.sealing[header.form] + 15, maxLength: 300 })
    .map((sealed) => readEnvelope(encodeEnvelope(header, sealed))),
);

const told = {
  port: fc.nat(0xffff),
  id: octetsOf(8).map((octets) => octets.toHex()),
  sent: fc.integer({ min: 1_577_836_800, max: 1_577_836_800 + 0xffff_ffff }),
};
const whole = fc.record(
  { kind: fc.constant("whole" as const), ...told, content: fc.uint8Array({ maxLength: 200 }) },
  plainly,
);
const chunk = fc
  .record(
    {
      ...{ kind: fc.constant("chunk" as const), ...told, index: fc.nat(0xfffe) },
      ...{ more: fc.integer({ min: 1, max: 0xffff }), content: fc.uint8Array({ minLength: 1, maxLength: 200 }) },
    },
    plainly,
  )
  .map(({ more, ...rest }) => ({ ...rest, count: Math.max(2, Math.min(0xffff, rest.index + more)) }));

export const anyPlaintext: fc.Arbitrary<Plaintext> = fc.oneof(whole, chunk);

const broadcastHop = fc.record(
  {
    ...{ priority: fc.nat(3) as fc.Arbitrary<Priority>, hops: fc.nat(16) },
    life: fc.integer({ min: 1, max: 3_600 }).map(seconds),
  },
  plainly,
);
const broadcastContent = fc.oneof(
  fc.record(
    {
      ...{ form: fc.constant("signed" as const), key: octetsOf(32) },
      ...{ plaintext: fc.uint8Array({ minLength: 15, maxLength: 99 }), signature: octetsOf(64) },
    },
    plainly,
  ),
  fc.record(
    {
      form: fc.constant("channel" as const),
      salt: octetsOf(16),
      sealed: fc.uint8Array({ minLength: 31, maxLength: 99 }),
    },
    plainly,
  ),
);
export const anyBroadcastParts = fc.tuple(broadcastHop, broadcastContent);
/** Signed by nobody, and sealed under no key. */
export const anyBroadcast: fc.Arbitrary<Broadcast> = anyBroadcastParts
  // Hops and life at their bounds as well.
  .map(([{ priority, hops, life }, content]) =>
    encodeBroadcast({ priority, hops, life: hops === 16 ? longestBroadcastLife : life }, content),
  )
  .map(readBroadcast);

const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, place) => from + place);

export const oneEnvelope: Envelope = readEnvelope(
  encodeEnvelope(
    { form: "chain", priority: priority.high, copies: 8, life: seconds(86_400), hops: 12, tag: counting(8, 0x10) },
    counting(41, 0x20),
  ),
);
export const oneBroadcast: Broadcast = readBroadcast(
  encodeBroadcast(
    { priority: priority.normal, hops: 3, life: seconds(600) },
    { form: "channel", salt: counting(16), sealed: counting(31, 0x20) },
  ),
);

/** Throws where the octets are none. */
export function readEnvelope(octets: Uint8Array): Envelope {
  const envelope = decodeEnvelope(octets);
  if (typeof envelope === "string") throw new Error(`no envelope: ${envelope}`);
  return envelope;
}

/** Throws where the octets are none. */
export function readBroadcast(octets: Uint8Array): Broadcast {
  const broadcast = decodeBroadcast(octets);
  if (broadcast === undefined) throw new Error("no broadcast");
  return broadcast;
}
