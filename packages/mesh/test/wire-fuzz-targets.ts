/** What neighbours and those behind them may send: whatever it is, it is taken or refused, and proves no more than its sender could say. */
import { decodeAnnounce, encodeAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { judgeAnnounce, makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import fc from "fast-check";
import { assertWrittenSo, type FuzzTarget } from "./fuzz-target.ts";
import { fieldsOf, identity, plainContent } from "./pure/wire/announces.ts";
import { anyLinkFrame, one } from "./pure/wire/link-frames.ts";

const [origin, listener] = [identity(1), identity(2)];
const nearest = 3;
const heard = [plainContent, { ...plainContent, maxHops: 4, prekey: new Uint8Array(32) }].map((content) => {
  const made = makeAnnounce(origin, content);
  return made.relayed(nearest, furtherLink(made, made.chain, nearest));
});
const tailLength = 13;
const withoutTail = (octets: Uint8Array) => octets.toHex().slice(0, -2 * tailLength);
const plaintext = new TextEncoder().encode("a probe");
const sealed = origin.seal(listener.publicKey, plaintext) ?? new Uint8Array();

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "mesh link frames",
    run: (bytes) => {
      const frame = decodeFrame(bytes);
      if (frame === undefined) return;
      assertWrittenSo(encodeFrame(frame), bytes);
    },
    seeds: [...Object.values(one), ...fc.sample(anyLinkFrame, { numRuns: 60, seed: 1 })].map((frame) =>
      encodeFrame(frame),
    ),
  },
  {
    name: "mesh announces",
    run: (bytes) => {
      const announce = decodeAnnounce(bytes);
      if (typeof announce === "string") return;
      assertWrittenSo(encodeAnnounce(fieldsOf(announce)), bytes);
    },
    seeds: heard,
  },
  {
    name: "mesh announces that were changed",
    run: (bytes) => {
      const verdict = judgeAnnounce(listener, bytes);
      if (verdict.kind === "refused") return;
      if (!heard.some((octets) => withoutTail(octets) === withoutTail(bytes))) throw new Error("nobody signed it");
      if (verdict.announce.hops < nearest) throw new Error("its hops were lowered");
    },
    seeds: heard,
    sample: 2_000,
  },
  {
    name: "mesh sealed bodies",
    run: (bytes) => {
      if (listener.open(bytes) !== undefined && bytes.toHex() !== sealed.toHex()) throw new Error("it was not sealed");
    },
    seeds: [sealed],
    sample: 2_000,
  },
];
