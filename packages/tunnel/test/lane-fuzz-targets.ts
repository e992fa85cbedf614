/** A lane as a peer could torment it: whatever comes, it is taken or refused, and costs no more than its octets. */
import { sha384 } from "@ropewalk/crypto/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import { LaneReader } from "@ropewalk/tunnel/pure/lane/lane-reader";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import fc from "fast-check";
import { epoch, lane, nonceOf, numberedFrame, opener, sealed, sealer } from "./pure/lane/epochs.ts";
import { anyFrame, encodeAny } from "./pure/wire/frames.ts";

const here = epoch(1);
const secrets = lane(here);
const offer = () => new LaneOffer(sha384, { epoch: here.id, keys: here.keys, lane: 1, nonce: nonceOf(1) });
const { hello } = offer();
const welcome = new LaneWelcomes(sha384, here.id, here.keys).answer(hello, nonceOf(2))?.welcome ?? new Uint8Array();
const stream = streamId(1);
const connect = encodeFrame({ type: "connect", stream, limit: 65_536, request: Uint8Array.of(1) });
/** What two others of this kind fell to: a body larger than what came with an opening (CVE-2026-32314), and a window beyond its bounds. */
const oversized = joined(connect, Uint8Array.of(18, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 1));
const overflowing = encodeFrame({ type: "credit", stream, limit: Number.MAX_SAFE_INTEGER });
/** The same at every call, as each begins the lane anew; the last changes keys. */
function honestRecords(): readonly Uint8Array[] {
  const by = sealer(secrets);
  return [...[0, 1, 2].map((number) => sealed(by, numberedFrame(number))), ...by.update(millis(0))];
}
const honest = honestRecords();

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}[] = [
  {
    name: "tunnel frames",
    run: (bytes) => {
      const frames = decodeFrames(bytes);
      if (frames === "malformed") return;
      const again = joined(...frames.map(encodeAny));
      if (again.toHex() !== bytes.toHex()) throw new Error(`read as what is written as ${again.toHex()}`);
    },
    seeds: [oversized, overflowing, joined(...fc.sample(anyFrame, { numRuns: 20, seed: 1 }).map(encodeAny))].concat(
      fc.sample(anyFrame, { numRuns: 40, seed: 2 }).map(encodeAny),
    ),
  },
  {
    name: "tunnel lane hello",
    run: (bytes) => {
      const welcomed = new LaneWelcomes(sha384, here.id, here.keys).answer(bytes, nonceOf(2));
      if (welcomed !== undefined && bytes.toHex() !== hello.toHex()) throw new Error("another hello was welcomed");
    },
    seeds: [hello],
  },
  {
    name: "tunnel lane welcome",
    run: (bytes) => {
      const { kind } = offer().receive(bytes);
      const isTrue = bytes.subarray(0, welcome.length).toHex() === welcome.toHex();
      if (kind === "welcomed" && !isTrue) throw new Error("another welcome was believed");
    },
    seeds: [welcome, joined(welcome, ...honest)],
  },
  {
    name: "tunnel records",
    run: (bytes) => {
      const reader = new LaneReader(opener(secrets));
      reader.take(bytes);
      let opened = 0;
      while (Array.isArray(reader.next())) opened += 1;
      const sent = joined(...honest.slice(0, opened)).toHex();
      if (opened > honest.length || !bytes.toHex().startsWith(sent)) throw new Error("what was not sealed opened");
    },
    seeds: [joined(...honest)],
  },
];
