/**
 * From the secrets of a handshake to the keys of its session, one for each direction, purpose and epoch. Directions are named by
 * who sends.
 */
import { expand } from "@ropewalk/crypto/pure/hkdf";
import { type Contribution, combineSecrets } from "@ropewalk/crypto/pure/hybrid-combiner";
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { type Sha384, sha384Length } from "@ropewalk/crypto/pure/sha384";
import type { Role } from "./message.ts";

const label = "ropewalk tunnel v1";

/** 48 bytes from every secret of the handshake, bound to its transcript. */
export function handshakeSecret(
  sha384: Sha384,
  contributions: readonly Contribution[],
  transcript: Uint8Array,
): Uint8Array {
  return combineSecrets(sha384, label, contributions, transcript);
}

/** What `sender` proves with that it saw the transcript and holds the secrets: 48 bytes. */
export function finishedMac(sha384: Sha384, secret: Uint8Array, sender: Role, transcript: Uint8Array): Uint8Array {
  return sha384.hmac(derive(sha384, secret, "finished", sender), transcript);
}

/** The secret of the session's first epoch: 48 bytes. */
export function firstEpoch(sha384: Sha384, secret: Uint8Array): Uint8Array {
  return derive(sha384, secret, "epoch");
}

/** One-way: whoever has erased the secret of an epoch cannot find its keys again. */
export function nextEpoch(sha384: Sha384, epochSecret: Uint8Array): Uint8Array {
  return derive(sha384, epochSecret, "next epoch");
}

export interface RecordKey {
  /** AES-256-GCM: 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, to be mixed with the counter of records. */
  readonly iv: Uint8Array;
}

export interface EpochKeys {
  readonly records: Readonly<Record<Role, RecordKey>>;
  /** By which lanes prove to belong to the session: 48 bytes. */
  readonly laneAuthentication: Readonly<Record<Role, Uint8Array>>;
  /** By which an end proves, in a later handshake, to have been in this session: 48 bytes. */
  readonly resumption: Readonly<Record<Role, Uint8Array>>;
}

export function epochKeys(sha384: Sha384, epochSecret: Uint8Array): EpochKeys {
  const of = (purpose: string, length?: number) => ({
    source: derive(sha384, epochSecret, purpose, "source", length),
    destination: derive(sha384, epochSecret, purpose, "destination", length),
  });
  const keys = of("record key", 32);
  const ivs = of("record iv", 12);
  return {
    records: {
      source: { key: keys.source, iv: ivs.source },
      destination: { key: keys.destination, iv: ivs.destination },
    },
    laneAuthentication: of("lane authentication"),
    resumption: of("resumption"),
  };
}

function derive(
  sha384: Sha384,
  secret: Uint8Array,
  purpose: string,
  sender: Role | "" = "",
  length: number = sha384Length,
): Uint8Array {
  return expand(sha384, secret, framed(utf8(label), utf8(purpose), utf8(sender)), length);
}
