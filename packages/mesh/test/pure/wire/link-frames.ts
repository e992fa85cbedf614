/** Frames of every type, as fast-check makes them. */
import { millis, seconds } from "@ropewalk/kernel/units";
import { addressOf } from "@ropewalk/mesh/pure/mesh-address";
import { type LinkFrame, nodeKinds, onlineStates } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";
import { anyBroadcast, anyEnvelope, oneBroadcast, oneEnvelope } from "../messages/wire/envelopes.ts";
import { anyMeetingSaid } from "../messages/wire/meetings.ts";

const plainly = { noNullPrototype: true } as const;
const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const type = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom<Type>(...types);
const named = <const Names extends object>(names: Names) => fc.constantFrom(...(Object.keys(names) as (keyof Names)[]));
const [kind, online] = [named(nodeKinds), named(onlineStates)];
const address = octetsOf(16).map(addressOf);
const forwarded = {
  label: u32,
  flow: u32,
  hopsLeft: fc.nat(64),
  sidestepsLeft: fc.nat(16),
  body: fc.uint8Array({ minLength: 1, maxLength: 300 }),
};

export const anyLinkFrame: fc.Arbitrary<LinkFrame> = fc.oneof(
  fc.record({ type: type("hello"), kind, online, epoch: u32, sequence: u32 }, plainly),
  fc.record({ type: type("announce"), label: u32, announce: fc.oneof(octetsOf(131), octetsOf(163)) }, plainly),
  fc.record({ type: type("withdraw"), labels: fc.array(u32, { minLength: 1, maxLength: 256 }) }, plainly),
  fc.record({ type: type("request"), address, epoch: u32, sequence: u32, hopsLeft: fc.nat(64) }, plainly),
  fc.record({ type: type("packet"), ...forwarded }, plainly),
  fc.record({ type: type("trace"), ...forwarded, addresses: fc.array(address, { maxLength: 64 }) }, plainly),
  fc.record({ type: type("status"), kind, online, age: fc.nat(0xffff).map(seconds) }, plainly),
  fc.record({ type: type("ping", "pong"), token: octetsOf(8) }, plainly),
  fc.record({ type: type("answer"), flow: u32, body: forwarded.body }, plainly),
  fc.record({ type: type("message"), label: u32, envelope: anyEnvelope }, plainly),
  fc.record({ type: type("proof"), ackKeys: fc.array(octetsOf(16), { minLength: 1, maxLength: 255 }) }, plainly),
  fc.record({ type: type("deposit"), hint: octetsOf(8), envelope: anyEnvelope }, plainly),
  fc.record({ type: type("broadcast"), broadcast: anyBroadcast }, plainly),
  fc.record({ type: type("meeting"), said: anyMeetingSaid }, plainly),
);

const here = addressOf(Uint8Array.from({ length: 16 }, (_, place) => place));
const there = addressOf(Uint8Array.from({ length: 16 }, (_, place) => 255 - place));
const text = (line: string) => new TextEncoder().encode(line);

/** One of each type: those of the vectors. */
export const one: { readonly [Type in LinkFrame["type"]]: Extract<LinkFrame, { readonly type: Type }> } = {
  hello: { type: "hello", kind: "open", online: "online", epoch: 7, sequence: 1_000 },
  announce: { type: "announce", label: 0x00_00_2a_03, announce: new Uint8Array(131) },
  withdraw: { type: "withdraw", labels: [0x00_00_2a_03, 0xff_ff_ff_00] },
  request: { type: "request", address: here, epoch: 7, sequence: 1_000, hopsLeft: 64 },
  packet: { type: "packet", label: 0x00_00_2a_03, flow: 9, hopsLeft: 12, sidestepsLeft: 2, body: text("sealed") },
  trace: {
    type: "trace",
    label: 0x00_00_2a_03,
    flow: 9,
    hopsLeft: 12,
    sidestepsLeft: 2,
    addresses: [here, there],
    body: text("sealed"),
  },
  status: { type: "status", kind: "universal", online: "offline", age: millis(61_000) },
  ping: { type: "ping", token: Uint8Array.from({ length: 8 }, (_, place) => place) },
  pong: { type: "pong", token: Uint8Array.from({ length: 8 }, (_, place) => place) },
  answer: { type: "answer", flow: 9, body: text("answered") },
  message: { type: "message", label: 0x00_00_2a_03, envelope: oneEnvelope },
  proof: { type: "proof", ackKeys: [0, 16].map((from) => Uint8Array.from({ length: 16 }, (_, place) => from + place)) },
  deposit: { type: "deposit", hint: Uint8Array.from({ length: 8 }, (_, place) => place), envelope: oneEnvelope },
  broadcast: { type: "broadcast", broadcast: oneBroadcast },
  meeting: { type: "meeting", said: { kind: "more", until: 135 } },
} as Readonly<Record<string, LinkFrame>> as typeof one;
