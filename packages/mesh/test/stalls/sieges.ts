/** What a neighbour can say to keep a node busy, by the kind of work that it makes. */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { encodeEndToEnd } from "@ropewalk/mesh/pure/end-to-end";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import type { Random } from "@ropewalk/simnet/random";
import { announceOf } from "../pure/lone-node.ts";
import { one } from "../pure/wire/link-frames.ts";
import { sybils } from "../sim/adversaries/sybils.ts";

export interface SiegeKind {
  readonly name: string;
  /** How long each link lasts; undefined: as long as it may. */
  readonly staysMs?: number;
  /** To the node that has this identity key. */
  readonly frames: (random: Random, to: Uint8Array) => readonly Uint8Array[];
}

/** The first label that a node gives is its own. */
const ownLabel = 256;
const stranger = (): MeshCrypto => createMeshCrypto(generateSigningKey("ed25519"));
const repeated = (count: number, frame: (index: number) => LinkFrame) =>
  Array.from({ length: count }, (_, index) => encodeFrame(frame(index)));

/** Copies of one announce that come by the longest way that there is: as many hashes each. */
function farCopies(): readonly Uint8Array[] {
  const origin = stranger();
  const [near, far] = [announceOf(origin, 1), announceOf(origin, 63)];
  return [near, ...Array.from({ length: 500 }, () => far)].map(({ octets: announce }) =>
    encodeFrame({ type: "announce", label: 512, announce }),
  );
}

/** To open one costs as much as a signature. */
function sealedQuestions(to: Uint8Array): readonly Uint8Array[] {
  const asking = stranger();
  const plain = encodeEndToEnd({ kind: "ping", nonce: new Uint8Array(16) });
  const body = asking.seal(to, plain) ?? new Uint8Array(1);
  return repeated(500, (index) => ({ ...one.packet, label: ownLabel, flow: 1 + index, body }));
}

/** Frames with octets of them changed, that are frames nevertheless; now and then one that is none, at which the link is cut. */
function fuzzed(random: Random): readonly Uint8Array[] {
  const announced = Array.from({ length: 20 }, () => announceOf(stranger(), 2).octets);
  const announces = announced.map((announce): LinkFrame => ({ type: "announce", label: 512, announce }));
  const seeds = [...Object.values(one), ...announces].map((frame) => encodeFrame(frame));
  const frames: Uint8Array[] = [];
  while (frames.length < 50_000) {
    const frame = (seeds[random.below(seeds.length)] ?? new Uint8Array(1)).slice();
    for (let edits = random.below(4); edits >= 0; edits -= 1) frame[random.below(frame.length)] = random.below(256);
    if (decodeFrame(frame) !== undefined || random.below(100_000) === 0) frames.push(frame);
  }
  return frames;
}

export const siegeKinds: readonly SiegeKind[] = [
  { name: "new announces, signed", frames: (random) => sybils(10_000, random).map(({ frame }) => frame) },
  { name: "new announces of nobody", frames: (random) => sybils(10_000, random, false).map(({ frame }) => frame) },
  {
    name: "new announces, signed, of one who comes and goes",
    staysMs: 500,
    frames: (random) => sybils(10_000, random).map(({ frame }) => frame),
  },
  { name: "copies from as far as there is", frames: farCopies },
  { name: "questions that are sealed to it", frames: (_, to) => sealedQuestions(to) },
  { name: "labels taken back", frames: () => [labelsTakenBack()] },
  { name: "requests", frames: (random) => requests(random) },
  { name: "pings", frames: () => repeated(500, () => one.ping) },
  { name: "fuzzed frames", frames: fuzzed },
];

function labelsTakenBack(): Uint8Array {
  return encodeFrame({ type: "withdraw", labels: Array.from({ length: 256 }, (_, index) => 512 + 256 * index) });
}

function requests(random: Random): readonly Uint8Array[] {
  return repeated(5_000, () => ({ ...one.request, epoch: random.below(1_000), hopsLeft: 64 }));
}
