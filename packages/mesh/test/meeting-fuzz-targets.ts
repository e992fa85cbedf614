/** What a neighbour may say of its store: it is read as itself or not at all, and a meeting bears whatever comes. */
import { millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { Meeting, type MeetingOutput } from "@ropewalk/mesh/pure/messages/reconcile/meeting";
import { defaultMeetingLimits } from "@ropewalk/mesh/pure/messages/reconcile/meeting-limits";
import { RatelessDecoder, RatelessEncoder } from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import { decodeMeeting, encodeMeeting } from "@ropewalk/mesh/pure/messages/wire/meeting";
import { sipKey } from "@ropewalk/mesh/pure/protection/sip-hash";
import fc from "fast-check";
import { assertWrittenSo, type FuzzTarget } from "./fuzz-target.ts";
import { twoSets } from "./pure/messages/reconcile/element-rows.ts";
import { anyMeetingSaid } from "./pure/messages/wire/meetings.ts";

const { one, other } = twoSets(1, 30, 5, 5);
const [low, high] = ["00".repeat(16) as MeshAddress, "ff".repeat(16) as MeshAddress];
const ends = [meetingOf(low, high), meetingOf(high, low)];
const key = sipKey(new Uint8Array(16));
const symbols = new RatelessEncoder(key, other, 35).symbols(0, 24);
const said = [
  ...fc.sample(anyMeetingSaid, { numRuns: 60, seed: 1 }),
  ...(["begin", "answer"] as const).map((kind) => ({ kind, nonce: new Uint8Array(8), count: 35, slice: 0 })),
  ...[3, 16, 64].map((until) => ({ kind: "more", until }) as const),
  { kind: "symbols", first: 0, symbols: symbols.slice(0, 3) } as const,
].map(encodeMeeting);
/** Of one meeting's answer to one frame. */
const mostSaid = 30_000;
const between = 500;
let now = 0;

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "mesh meetings as they are written",
    run: (bytes) => {
      const meeting = decodeMeeting(bytes);
      if (meeting === undefined) return;
      assertWrittenSo(encodeMeeting(meeting), bytes);
    },
    seeds: said,
  },
  {
    name: "mesh meetings with a liar",
    run: (bytes) => {
      const meeting = decodeMeeting(bytes);
      if (meeting === undefined) return;
      now += between;
      for (const end of ends) {
        const outputs = [end.begin(millis(now)), end.receive(millis(now), meeting), end.expire(millis(now))].flat();
        if (octetsOf(outputs) > mostSaid) throw new Error(`it said ${octetsOf(outputs)} octets`);
      }
    },
    seeds: said,
  },
  {
    name: "mesh symbols that were changed",
    run: (bytes) => {
      const meeting = decodeMeeting(bytes);
      if (meeting?.kind !== "symbols") return;
      const decoder = new RatelessDecoder(key, one, 35);
      decoder.take(meeting.symbols);
      if (decoder.theirs.length + decoder.ours.length > 2 * decoder.length)
        throw new Error("more elements were found than there are symbols");
    },
    seeds: [encodeMeeting({ kind: "symbols", first: 0, symbols })],
  },
];

function meetingOf(own: MeshAddress, peer: MeshAddress): Meeting {
  let drawn = 0;
  const random = (length: number) => Uint8Array.from({ length }, () => (drawn++ * 167) & 0xff);
  const limits = { ...defaultMeetingLimits, answers: { perSecond: 1, burst: 8 } };
  return new Meeting(millis(0), { own, peer, mtu: 4096 }, limits, { elements: () => one, random });
}

function octetsOf(outputs: readonly MeetingOutput[]): number {
  return outputs.reduce((sum, output) => sum + (output.kind === "say" ? encodeMeeting(output.said).length : 0), 0);
}
