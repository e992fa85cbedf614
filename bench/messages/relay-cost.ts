/** How many envelopes and their proofs the pure part of a relay passes on in a second of a core, between two links without sockets. */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import { defaultAccepting } from "@ropewalk/mesh/pure/messages/accepting";
import { defaultCustodyOctets } from "@ropewalk/mesh/pure/messages/custody";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { decodeEnvelope, encodeEnvelope } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { tagOfProof } from "@ropewalk/mesh/pure/messages/wire/tags";
import { capability, HeardAnnounce, mostHops } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import type { Part } from "../mesh/part.ts";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";

const count = 60_000;
const sealedLength = 15 + 100 + 16;
/** Envelopes that come together, in a millisecond of the node's time: less than a link may bring. */
const inTurn = 20;
/** As many proofs wait for each other at a recipient who stores in groups. */
const inProof = 64;
const [from, to] = [1 as LinkId, 2 as LinkId];

const rate: Figure = {
  ...{ metric: "a relay's pure part: envelopes of 100 octets and their proofs, per second of a core" },
  ...{ unit: "", better: "more", goals: [{ kind: "figure", limit: 30_000 }] },
};

export const relayCost: Part = ({ table, rounds }) => {
  const ackKeys = Array.from({ length: count }, (_, number) => keyNumber(number));
  const proofs = proofFrames(ackKeys);
  // The first round is the compiler's.
  for (let round = -1; round < rounds; round += 1) {
    const relay = new Relay();
    const frames = ackKeys.map((ackKey) => messageFrame(relay.label, ackKey));
    const took = processorOf(() => relay.pass(frames, proofs));
    if (round >= 0) table.record(rate, ownColumn, round, count / took);
  }
  table.note(
    `The relay's pure part is given ${count.toLocaleString("en")} envelopes by one link, ${inTurn} in a millisecond of its time, and their proofs by the other, ${inProof} in a frame; frames are read and written, nothing is encrypted or sent. Processor time of the process, its garbage collection included.`,
  );
  return Promise.resolve();
};

class Relay {
  readonly #node: MeshNode;
  readonly label: number;
  #now: Millis = millis(0);
  #passed = 0;

  constructor() {
    const key = generateSigningKey("ed25519");
    const config = { capabilities: capability.relay, kind: "standard", interval: seconds(600) } as const;
    const routes = { most: 16, contacts: [] };
    const calendar = new StoreCalendar({ now: this.#now, wall: millis(1_790_000_000_000), last: 0 as never });
    this.#node = new MeshNode(
      { ...config, lifetime: seconds(1_800), routes },
      createMeshCrypto(key),
      { epoch: 1, sequence: 0 },
      Math.random,
      {
        ...{ now: this.#now, calendar, crypto: createMessageCrypto(key), wall: () => 1_790_000_000 },
        config: {
          ...{ accepting: defaultAccepting, custody: defaultCustodyOctets, longestLife: seconds(7 * 86_400) },
          ...{ mostInbox: 1_000, inboxOctets: bytes(2 ** 24), isConstrained: false },
        },
      },
    );
    const line = { mtu: bytes(longestFrame), bitrate: bitsPerSecond(1_000_000_000), cost: 0, duty: 1 };
    const peers = [from, to].map((link) => {
      const crypto = createMeshCrypto(generateSigningKey("ed25519"));
      this.#node.linkUp(this.#now, link, { ...line, peerKey: crypto.publicKey, peer: crypto.address });
      return crypto;
    });
    const [, destination] = peers;
    if (destination === undefined) throw new Error("there are two peers");
    const content = { epoch: 1, sequence: 1, capabilities: capability.relay, maxHops: mostHops };
    const announce = makeAnnounce(destination, {
      ...{ ...content, lifetime: seconds(1_800), isRenewal: false, keyPackageHash: undefined, prekey: undefined },
    });
    const told = [
      ...this.#node.receive(this.#now, to, encodeFrame({ type: "announce", label: 7, announce: announce.octets })),
    ];
    for (let turn = 0; turn < 1_000; turn += 1) told.push(...this.#expire());
    this.label = labelIn(told, destination.address);
  }

  /** Throws where one was not passed on, for then it was not measured. */
  pass(frames: readonly Uint8Array[], proofs: readonly Uint8Array[]): void {
    for (const [index, frame] of frames.entries()) {
      this.#node.take(this.#now, from, frame);
      const end = index + 1;
      const proof = end % inProof === 0 || end === frames.length ? proofs[Math.floor(index / inProof)] : undefined;
      if (proof !== undefined) this.#node.take(this.#now, to, proof);
      if (end % inTurn === 0 || end === frames.length) {
        this.#count(this.#node.finish(this.#now));
        this.#count(this.#expire());
      }
    }
    if (this.#passed !== 2 * frames.length)
      throw new Error(`of ${frames.length} envelopes and their proofs ${this.#passed} went on`);
  }

  #count(outputs: readonly MeshOutput[]): void {
    for (const output of outputs) {
      if (output.kind !== "transmit") continue;
      const [type = 0] = output.frame;
      if (type === messageType) this.#passed += 1;
      else if (type === proofType) this.#passed += (output.frame.length - 1) / 16;
    }
  }

  #expire(): readonly MeshOutput[] {
    this.#now = millis(this.#now + 1);
    return this.#node.expire(this.#now);
  }
}

const [messageType, proofType] = [11, 12];

/** What the node calls a destination to the link that sends. */
function labelIn(told: readonly MeshOutput[], address: string): number {
  for (const output of told) {
    if (output.kind !== "transmit" || output.link !== from) continue;
    const frame = decodeFrame(output.frame);
    if (frame?.type === "announce" && addressOfKey(new HeardAnnounce(frame.announce).key) === address)
      return frame.label;
  }
  throw new Error("the destination was not told on");
}

function messageFrame(label: number, ackKey: Uint8Array): Uint8Array {
  const header = { form: "chain", tag: tagOfProof(ackKey), priority: 1, copies: 8 } as const;
  const octets = encodeEnvelope({ ...header, life: seconds(86_400), hops: 64 }, new Uint8Array(sealedLength));
  const envelope = decodeEnvelope(octets);
  if (typeof envelope === "string") throw new Error(`it is no envelope: ${envelope}`);
  return encodeFrame({ type: "message", label, envelope });
}

/** As the recipient has them, each when as many are stored as are proved together. */
function proofFrames(ackKeys: readonly Uint8Array[]): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(ackKeys.length / inProof) }, (_, frame) =>
    encodeFrame({ type: "proof", ackKeys: ackKeys.slice(frame * inProof, (frame + 1) * inProof) }),
  );
}

function keyNumber(number: number): Uint8Array {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(0, number);
  return key;
}

/** Seconds. */
function processorOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
