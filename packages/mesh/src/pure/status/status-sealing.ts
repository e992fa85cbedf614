/**
 * A status record on its way to an entry: signed by the node's key, and sealed with its signature to the entry's X25519 key, so that who
 * carries it learns neither whose it is nor what it says, and who reads it cannot pass it on as if it had been sealed to another.
 *
 *     0         1                    33                                      185        201
 *     +---------+--------------------+---------------------------------------+-----------+
 *     | version | ephemeral key (32) | record (88), signature (64), sealed   | mac (16)  |
 *     +---------+--------------------+---------------------------------------+-----------+
 *
 * Source: docs/protocols/mesh-status.md.
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import type { AgreementKey, MessageCrypto } from "../messages/sealing/message-crypto.ts";
import { decodeStatus, encodeStatus, type StatusRecord, statusRecordLength } from "./status-record.ts";

/** For the port of a message that brings one. */
export const statusPort = 1;

const version = 1;
const label = utf8("ropewalk mesh status seal v1");
const keyLength = 32;
const headLength = 1 + keyLength;
const signatureLength = 64;
const macLength = 16;
export const sealedStatusLength: number = headLength + statusRecordLength + signatureLength + macLength;

export type SealingCrypto = Pick<MessageCrypto, "generate" | "hkdf" | "seal"> & {
  /** 64 octets by the node's identity key, in the domain of status records. */
  readonly signStatus: (octets: Uint8Array) => Uint8Array;
};

export type OpeningCrypto = Pick<MessageCrypto, "hkdf" | "open"> & {
  /** Whether who has `key` signed it as a status record. Never throws. */
  readonly verifyStatus: (key: Uint8Array, octets: Uint8Array, signature: Uint8Array) => boolean;
};

/** 201 octets. `entry`: its public X25519 key, 32 octets; undefined where that is none, or of small order. */
export function sealStatus(crypto: SealingCrypto, entry: Uint8Array, record: StatusRecord): Uint8Array | undefined {
  const ephemeral = crypto.generate();
  const secret = entry.length === keyLength ? ephemeral.agree(entry) : undefined;
  if (secret === undefined) return undefined;
  const head = joined(Uint8Array.of(version), ephemeral.publicKey);
  const octets = encodeStatus(record);
  const signature = crypto.signStatus(signedPart(entry, ephemeral.publicKey, octets));
  const key = keyOf(crypto, secret, ephemeral.publicKey, entry);
  return joined(head, crypto.seal(key, head, joined(octets, signature)));
}

export type OpenedStatus =
  | { readonly kind: "opened"; readonly record: StatusRecord }
  /**
   * `length`: as long as none is; `version`: of a form that this program does not know; `unsealed`: it was not sealed to this key;
   * `malformed`: it says what no record says; `forged`: it was not signed by whom it names.
   */
  | { readonly kind: "refused"; readonly why: "length" | "version" | "unsealed" | "malformed" | "forged" };

/** By the entry's key. Whether it is newer than another of the same node its number tells: `isNewer`. Never throws. */
export function openStatus(crypto: OpeningCrypto, entry: AgreementKey, sealed: Uint8Array): OpenedStatus {
  if (sealed.length !== sealedStatusLength) return { kind: "refused", why: "length" };
  if (sealed[0] !== version) return { kind: "refused", why: "version" };
  const [head, ephemeral] = [sealed.subarray(0, headLength), sealed.subarray(1, headLength)];
  const secret = entry.agree(ephemeral);
  const key = secret && keyOf(crypto, secret, ephemeral, entry.publicKey);
  const plaintext = key && crypto.open(key, head, sealed.subarray(headLength));
  if (plaintext === undefined) return { kind: "refused", why: "unsealed" };
  const octets = plaintext.subarray(0, statusRecordLength);
  const record = decodeStatus(octets);
  if (record === undefined) return { kind: "refused", why: "malformed" };
  const signature = plaintext.subarray(statusRecordLength);
  const isSigned = crypto.verifyStatus(record.key, signedPart(entry.publicKey, ephemeral, octets), signature);
  return isSigned ? { kind: "opened", record } : { kind: "refused", why: "forged" };
}

/** To whom it is sealed, and by which key, is signed as well. */
function signedPart(entry: Uint8Array, ephemeral: Uint8Array, octets: Uint8Array): Uint8Array {
  return joined(entry, ephemeral, octets);
}

function keyOf(
  crypto: Pick<MessageCrypto, "hkdf">,
  secret: Uint8Array,
  ephemeral: Uint8Array,
  entry: Uint8Array,
): Uint8Array {
  return crypto.hkdf(secret, framed(label, ephemeral, entry), keyLength);
}
