/**
 * What both ends must have seen alike: who they are, and every message in each direction. TLS's exporter does not cover the
 * certificate of the client (RFC 8446 §7.5), so that it is taken in here.
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import type { Role } from "./message.ts";

/** Hash over the messages of one direction so far, in their order. */
export type Chain = Uint8Array;

export function emptyChain(sha384: Sha384, sender: Role): Chain {
  return sha384.hash(utf8(`ropewalk tunnel messages of ${sender} v1`));
}

/** `octets`: the message with its header. Each link has the length of a hash, so that no two lists of messages look alike. */
export function chained(sha384: Sha384, chain: Chain, octets: Uint8Array): Chain {
  return sha384.hash(chain, octets);
}

/** 16 bytes that neither end can choose alone. */
export function sessionIdOf(sha384: Sha384, sourceRandom: Uint8Array, destinationRandom: Uint8Array): Uint8Array {
  return sha384.hash(framed(utf8("ropewalk tunnel session v1"), sourceRandom, destinationRandom)).slice(0, 16);
}

export interface Witnessed {
  readonly version: number;
  /** Certificates as DER. */
  readonly sourceLeaf: Uint8Array;
  readonly destinationLeaf: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly sourceMessages: Chain;
  readonly destinationMessages: Chain;
}

/** 48 bytes that are equal only where all of it was. */
export function transcriptHash(sha384: Sha384, seen: Witnessed): Uint8Array {
  const { version, sourceLeaf, destinationLeaf, sessionId, sourceMessages, destinationMessages } = seen;
  const label = utf8("ropewalk tunnel handshake v1");
  const ends = [sha384.hash(sourceLeaf), sha384.hash(destinationLeaf)];
  return sha384.hash(framed(label, Uint8Array.of(version), ...ends, sessionId, sourceMessages, destinationMessages));
}
