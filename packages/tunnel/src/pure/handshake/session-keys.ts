/**
 * From the secrets of a handshake to those of its epoch, one for each direction and purpose. Directions are named by who sends. An
 * epoch is what one handshake gives: the next one comes from another handshake, and from nothing of this.
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

/** The secret of the handshake's epoch: 48 bytes. */
export function epochOf(sha384: Sha384, secret: Uint8Array): Uint8Array {
  return derive(sha384, secret, "epoch");
}

export interface EpochSecrets {
  /** From which those of each lane come: 48 bytes. */
  readonly lanes: Readonly<Record<Role, Uint8Array>>;
  /** By which lanes prove to belong to the session: 48 bytes. */
  readonly laneAuthentication: Readonly<Record<Role, Uint8Array>>;
  /** By which an end proves, in a later handshake, to have been in this session: 48 bytes. */
  readonly resumption: Readonly<Record<Role, Uint8Array>>;
}

export function epochSecrets(sha384: Sha384, epochSecret: Uint8Array): EpochSecrets {
  const of = (purpose: string) => ({
    source: derive(sha384, epochSecret, purpose, "source"),
    destination: derive(sha384, epochSecret, purpose, "destination"),
  });
  return {
    lanes: of("lane"),
    laneAuthentication: of("lane authentication"),
    resumption: of("resumption"),
  };
}

function derive(sha384: Sha384, secret: Uint8Array, purpose: string, sender: Role | "" = ""): Uint8Array {
  return expand(sha384, secret, framed(utf8(label), utf8(purpose), utf8(sender)), sha384Length);
}
