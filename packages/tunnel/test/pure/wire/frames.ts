/** Frames of every type, as fast-check makes them. */
import { dataHeader, encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { type Frame, fieldLengths, goAwayReasons, type ResumeState, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { resetReasons } from "@ropewalk/tunnel/pure/wire/reset-reason";
import fc from "fast-check";

const plainly = { noNullPrototype: true } as const;
const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const stream = fc.integer({ min: 1, max: 0xffff_ffff }).map(streamId);
const offset = fc.maxSafeNat();
const settings = fc.record(
  { version: fc.integer({ min: 0, max: 255 }), initialCredit: u32, mostStreams: u32 },
  plainly,
);
const streams = fc
  .uniqueArray(fc.record({ stream, received: offset, limit: offset }, plainly), {
    selector: (one) => one.stream,
    maxLength: 20,
  })
  .map((all) => all.toSorted((one, other) => one.stream - other.stream));
const state: fc.Arbitrary<ResumeState> = fc.record({ highest: u32, streams }, plainly);
const [session, proof, token] = [fieldLengths.session, fieldLengths.proof, fieldLengths.token].map(octetsOf) as [
  fc.Arbitrary<Uint8Array>,
  fc.Arbitrary<Uint8Array>,
  fc.Arbitrary<Uint8Array>,
];
const type = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom<Type>(...types);
const named = <const Reasons extends object>(reasons: Reasons) =>
  fc.constantFrom(...(Object.keys(reasons) as (keyof Reasons)[]));

export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: type("start", "started"), settings }, plainly),
  fc.record({ type: type("resume"), attempt: u32, session, proof, state }, plainly),
  fc.record({ type: type("resumed"), proof, state }, plainly),
  fc.record({ type: type("unknown", "key-update", "join") }, plainly),
  fc.record({ type: type("ping", "pong"), token }, plainly),
  fc.record({ type: type("go-away"), reason: named(goAwayReasons) }, plainly),
  fc.record({ type: type("connect"), stream, limit: offset, request: fc.uint8Array({ maxLength: 300 }) }, plainly),
  fc.record({ type: type("accept", "credit"), stream, limit: offset }, plainly),
  fc.record(
    {
      type: type("data"),
      stream,
      offset: fc.nat(Number.MAX_SAFE_INTEGER - 300),
      octets: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    },
    plainly,
  ),
  fc.record({ type: type("ack"), stream, received: offset }, plainly),
  fc.record({ type: type("fin"), stream, offset: fc.nat(Number.MAX_SAFE_INTEGER - 1) }, plainly),
  fc.record({ type: type("reset"), stream, reason: named(resetReasons) }, plainly),
  fc.record({ type: type("gone"), stream }, plainly),
  fc.record({ type: type("datagram"), octets: fc.uint8Array({ maxLength: 300 }) }, plainly),
);

export function encodeAny(frame: Frame): Uint8Array {
  if (frame.type !== "data") return encodeFrame(frame);
  return Uint8Array.of(...dataHeader(frame.stream, frame.offset, frame.octets.length), ...frame.octets);
}
