/**
 * What can be worked out of a proof and of a tag by whoever has them: the tag that a proof belongs to, and the hint by which an envelope is
 * found that is kept for somebody. One block of SHA-256 each. Source: docs/protocols/mesh-envelope.md, "Hashes".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { sha256 } from "@ropewalk/crypto/pure/sha256";
import { joined } from "@ropewalk/kernel/bytes";
import { addressOctets, type MeshAddress } from "../../mesh-address.ts";
import { envelopeLengths } from "./envelope.ts";

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

/** 8 octets that who has the address knows as his, and nobody can tell whose they are without it. */
export function hintOf(tag: Uint8Array, address: MeshAddress): Uint8Array {
  return sha256(framed(hintLabel, joined(tag, addressOctets(address)))).subarray(0, envelopeLengths.hint);
}
