/**
 * What it costs a node to take in announces that are new to it: verified, put into the table and told on to its other neighbours; beside
 * what a signature alone costs, a block of the one and a block of the other in turn. Processor time, so that others' load counts less.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { capability, mostHops } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import { longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import { bareColumn, type Part } from "./part.ts";

/** All links together bring what neighbours are told of at once, so that nothing is held back. */
const [links, ofEachLink] = [8, 190];
/** As many as wait in a turn of the event loop. */
const turn = 64;
const signedOctets = 96;

const rate: Figure = {
  ...{ metric: "new announces verified, routed and told on, per second of a core", unit: "", better: "more" },
  goals: [
    { kind: "figure", limit: 7_000 },
    { kind: "ratio", to: bareColumn, limit: 0.8 },
  ],
};

interface Signed {
  readonly key: Buffer;
  readonly message: Uint8Array;
  readonly signature: Buffer;
}

export const announceCost: Part = async ({ table, rounds }) => {
  const frames = Array.from({ length: links * ofEachLink }, (_, index) => strangersFrame(index));
  const signed = Array.from({ length: ofEachLink }, signedByStranger);
  // The first round is the compiler's.
  for (let round = -1; round < rounds; round += 1) {
    const { ours, bare } = measured(frames, signed);
    if (round < 0) continue;
    table.record(rate, ownColumn, round, ours);
    table.record(rate, bareColumn, round, bare);
  }
  table.note(
    `Announces come from ${frames.length} nodes that were never heard of, over ${links} links, through the node's own receive and expire, and go on to the other ${links - 1}; blocks of ${ofEachLink} in turn with as many raw keys that node:crypto imports and verifies with, which is the bare column. Processor time of the process, its garbage collection included.`,
  );
};

function measured(frames: readonly Uint8Array[], signed: readonly Signed[]) {
  const receiver = new Receiver();
  let [ours, bare] = [0, 0];
  for (let link = 0; link < links; link += 1) {
    const block = frames.slice(link * ofEachLink, (link + 1) * ofEachLink);
    ours += processorOf(() => receiver.take(link, block));
    bare += processorOf(() => verifyAll(signed));
  }
  receiver.expectAll(frames.length);
  return { ours: frames.length / ours, bare: (signed.length * links) / bare };
}

class Receiver {
  readonly #node: MeshNode;
  #now: Millis = millis(0);
  #told = 0;

  constructor() {
    const usual = { capabilities: capability.relay, kind: "standard", interval: seconds(600) } as const;
    const config = { ...usual, lifetime: seconds(1800), routes: { most: 2 * links * ofEachLink, contacts: [] } };
    const own = createMeshCrypto(generateSigningKey("ed25519"));
    this.#node = new MeshNode(config, own, { epoch: 1, sequence: 0 }, Math.random);
    const line = { mtu: bytes(longestFrame), bitrate: bitsPerSecond(1_000_000_000), cost: 0, duty: 1 };
    for (let link = 0; link < links; link += 1) {
      const { publicKey: peerKey, address: peer } = createMeshCrypto(generateSigningKey("ed25519"));
      this.#node.linkUp(this.#now, link as LinkId, { ...line, peerKey, peer });
    }
  }

  /** A turn of the event loop is a millisecond of the node's time. */
  take(link: number, frames: readonly Uint8Array[]): void {
    for (const [index, frame] of frames.entries()) {
      this.#node.receive(this.#now, link as LinkId, frame);
      if (index % turn === turn - 1) this.#work();
    }
    while (this.#node.waitingOf(link as LinkId) > 0) this.#work();
    // What was gathered for others goes out.
    for (let moment = 0; moment < 20; moment += 1) this.#work();
  }

  /** Throws where anything was held back, for then it was not measured. */
  expectAll(count: number): void {
    const { routeCount, tally } = this.#node;
    if (routeCount !== count || tally.announcesProved !== count || this.#told < count * (links - 1))
      throw new Error(
        `of ${count} announces ${tally.announcesProved} were proved, ${routeCount} routed, ${this.#told} told`,
      );
  }

  #work(): void {
    this.#now = millis(this.#now + 1);
    for (const output of this.#node.expire(this.#now)) if (output.kind === "transmit") this.#told += 1;
  }
}

/** As it comes from somebody else than its origin. */
function strangersFrame(label: number): Uint8Array {
  const crypto = createMeshCrypto(generateSigningKey("ed25519"));
  const content = { epoch: 1, sequence: 1, capabilities: capability.relay, maxHops: mostHops, lifetime: seconds(1800) };
  const made = makeAnnounce(crypto, { ...content, isRenewal: false, keyPackageHash: undefined, prekey: undefined });
  return encodeFrame({ type: "announce", label, announce: made.relayed(1, furtherLink(made, made.chain, 1)) });
}

function signedByStranger(): Signed {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const message = new Uint8Array(signedOctets);
  return { key: publicKey.export({ format: "raw-public" }), message, signature: sign(null, message, privateKey) };
}

function verifyAll(signed: readonly Signed[]): void {
  for (const { key, message, signature } of signed)
    if (!verify(null, message, importedKey(key), signature)) throw new Error("a true signature was refused");
}

function importedKey(key: Buffer): KeyObject {
  return createPublicKey({ key, format: "raw-public", asymmetricKeyType: "ed25519" });
}

/** Seconds. */
function processorOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
