/** Epochs as two ends have them after a handshake, and both ends of a lane, without a handshake. */
import assert from "node:assert/strict";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { type EpochKeys, epochKeys } from "@ropewalk/tunnel/pure/lane/epoch-keys";
import type { RecordCrypto } from "@ropewalk/tunnel/pure/lane/key-chain";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import type { LaneChain, LaneSecrets } from "@ropewalk/tunnel/pure/lane/lane-keys";
import { RecordOpener } from "@ropewalk/tunnel/pure/lane/record-opener";
import { RecordSealer } from "@ropewalk/tunnel/pure/lane/record-sealer";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { type Frame, streamId } from "@ropewalk/tunnel/pure/wire/frame";

export const crypto: RecordCrypto = { sha384, createCipher: createRecordCipher };

export interface Epoch {
  readonly id: Uint8Array;
  /** Each time as they are right after the handshake: those of another end. */
  readonly keys: EpochKeys;
}

/** The same for the same number, or the same secret of 48 octets. */
export function epoch(from: number | Uint8Array): Epoch {
  const secret = typeof from === "number" ? new Uint8Array(48).fill(from) : from;
  return {
    id: secret.slice(0, 16),
    get keys() {
      return epochKeys(sha384, secret);
    },
  };
}

/** Whether it has no lane any more. */
export function isChainOver(chain: LaneChain): boolean {
  return chain.take({ lane: 64, sourceNonce: nonceOf(1), destinationNonce: nonceOf(2) }) === undefined;
}

export const nonceOf = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

/** The secrets of a lane, as its source has them: those of the destination, which are the same, are in memory of their own. */
export function lane(of: Epoch, number = 1, nonce = 1): LaneSecrets {
  const offer = new LaneOffer(sha384, { epoch: of.id, keys: of.keys, lane: number, nonce: nonceOf(nonce) });
  const welcomed = new LaneWelcomes(sha384, of.id, of.keys).answer(offer.hello, nonceOf(nonce + 1));
  assert.ok(welcomed !== undefined);
  const step = offer.receive(welcomed.welcome);
  assert.ok(step.kind === "welcomed");
  assert.deepEqual(step.secrets, welcomed.secrets);
  return step.secrets;
}

export function sealer(secrets: LaneSecrets, sender: Role = "source", using = crypto): RecordSealer {
  return new RecordSealer(using, secrets[sender].slice(), millis(0));
}

export function opener(secrets: LaneSecrets, sender: Role = "source", using = crypto): RecordOpener {
  return new RecordOpener(using, secrets[sender].slice());
}

/** A frame that no other number gives. */
export function numberedFrame(number: number): Exclude<Frame, { readonly type: "data" }> {
  return { type: "ack", stream: streamId(1), received: number };
}

/** One record, in one piece. */
export function sealed(by: RecordSealer, ...frames: readonly Exclude<Frame, { readonly type: "data" }>[]): Uint8Array {
  const parts = frames.map(encodeFrame);
  return joined(...by.seal(parts, joined(...parts).length));
}

export const openedBy = (by: RecordOpener, record: Uint8Array) => by.open(record.subarray(0, 4), record.subarray(4));
