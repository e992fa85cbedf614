/**
 * What can be worked out of a proof, a tag or an envelope by whoever has them: the tag that a proof belongs to, the hint by which an envelope is
 * found that is kept for somebody, one block of SHA-256 each, and the mark by which it is compared. Source: docs/protocols/mesh-envelope.md, "Hashes".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { OneBlockSha256 } from "@ropewalk/crypto/pure/one-block-sha256";
import { sha256 } from "@ropewalk/crypto/pure/sha256";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { joined } from "@ropewalk/kernel/bytes";
import { addressOctets, type MeshAddress } from "../../mesh-address.ts";
import { envelopeLengths } from "./envelope.ts";

const markLength = 8;
const markLabel = utf8("ropewalk mesh mark v1");
const proofLabel = utf8("ropewalk mesh proof v1");
export const hintLabel: Uint8Array = utf8("ropewalk mesh hint v1");

/** What is hashed of a proof of 16 octets; the hash begins with the tag. */
export function proofInput(ackKey: Uint8Array): Uint8Array {
  return framed(proofLabel, ackKey);
}

/** The 8 octets of the tag that a proof of 16 octets belongs to. */
export function tagOfProof(ackKey: Uint8Array): Uint8Array {
  return sha256(proofInput(ackKey)).subarray(0, envelopeLengths.tag);
}

/** `tagOfProof`, for who has to work out many: the same hash, laid out once. It takes a third of the time. */
export class ProofHasher {
  readonly #block: OneBlockSha256;
  readonly #ackKeyAt: number;

  constructor() {
    const input = proofInput(new Uint8Array(envelopeLengths.ackKey));
    this.#block = new OneBlockSha256(input);
    this.#ackKeyAt = input.length - envelopeLengths.ackKey;
  }

  /** In octets of its own. */
  tagOf(ackKey: Uint8Array): Uint8Array {
    this.#block.put(ackKey, this.#ackKeyAt);
    const hash = this.#block.hash();
    const tag = new Uint8Array(envelopeLengths.tag);
    writeU32(tag, 0, hash[0] ?? 0);
    writeU32(tag, 4, hash[1] ?? 0);
    return tag;
  }
}

/** The 8 octets by which what is kept under one tag is told apart: of an envelope's octets, tag and sealed part. */
export function markOf(envelope: Uint8Array): Uint8Array {
  const tagAt = envelopeLengths.header - envelopeLengths.tag;
  return sha256(framed(markLabel, envelope.subarray(tagAt))).subarray(0, markLength);
}

/** 8 octets that who has the address knows as his, and nobody can tell whose they are without it. */
export function hintOf(tag: Uint8Array, address: MeshAddress): Uint8Array {
  return sha256(framed(hintLabel, joined(tag, addressOctets(address)))).subarray(0, envelopeLengths.hint);
}
