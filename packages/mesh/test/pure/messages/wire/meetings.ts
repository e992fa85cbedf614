/** What is said in meetings, as fast-check makes it. */
import type { MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import fc from "fast-check";

const plainly = { noNullPrototype: true } as const;
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const kind = <const Kind extends string>(...kinds: readonly Kind[]) => fc.constantFrom<Kind>(...kinds);
const nonce = fc.uint8Array({ minLength: 8, maxLength: 8 });
const deviation = fc.oneof(
  fc.integer({ min: -70, max: 70 }),
  fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  fc.constantFrom(-8192, -8193, 8191, 8192, -0x8000_0000, 0x7fff_ffff),
);
const symbol = fc.record({ high: u32, low: u32, check: u32, deviation }, plainly);
const wanted = fc.array(fc.tuple(u32, u32), { maxLength: 511 }).map((elements) => Uint32Array.from(elements.flat()));

export const anyMeetingSaid: fc.Arbitrary<MeetingSaid> = fc.oneof(
  fc.record({ kind: kind("begin", "answer"), nonce, count: u32, slice: fc.nat(16) }, plainly),
  fc.record({ kind: kind("symbols"), first: u32, symbols: fc.array(symbol, { minLength: 1, maxLength: 40 }) }, plainly),
  fc.record({ kind: kind("more"), until: u32 }, plainly),
  fc.record({ kind: kind("done"), wanted }, plainly),
  fc.record({ kind: kind("over") }, plainly),
);
