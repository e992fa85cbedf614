/**
 * Broadcasts made and judged: signed for all, or sealed for who has a channel's key. Each of a channel's is sealed under a key of its own, of
 * the channel's and a salt, so that no counter has to be kept by the many who write to it.
 *
 * Source: docs/protocols/mesh-envelope.md, "Broadcasts".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import { type Broadcast, type BroadcastContent, broadcastLengths } from "../wire/broadcast.ts";
import { decodePlaintext, type Plaintext } from "../wire/plaintext.ts";
import type { MessageCrypto } from "./message-crypto.ts";

const channelInfo = framed(utf8("ropewalk mesh channel v1"));
const messageKeyLength = 32;
const nothing: Uint8Array = new Uint8Array();

/** By this node, for all who are near. */
export function signBroadcast(
  crypto: Pick<MessageCrypto, "publicKey" | "sign">,
  plaintext: Uint8Array,
): BroadcastContent {
  const key = crypto.publicKey;
  return { form: "signed", key, plaintext, signature: crypto.sign(joined(key, plaintext)) };
}

/** For who has the channel's key, 32 octets. */
export function sealToChannel(
  crypto: Pick<MessageCrypto, "hkdf" | "seal" | "random">,
  channelKey: Uint8Array,
  plaintext: Uint8Array,
): BroadcastContent {
  const salt = crypto.random(broadcastLengths.salt);
  return { form: "channel", salt, sealed: crypto.seal(keyOf(crypto, channelKey, salt), nothing, plaintext) };
}

/** Whether who has its key signed it; false for one that is sealed. Some 120 µs. */
export function isSigned(crypto: Pick<MessageCrypto, "verify">, broadcast: Broadcast): boolean {
  const { content } = broadcast;
  return content.form === "signed" && crypto.verify(content.key, broadcast.signedPart, content.signature);
}

/** What one says that was sealed under this channel's key; undefined: it was not, or is no message. Some 10 µs. */
export function openInChannel(
  crypto: Pick<MessageCrypto, "hkdf" | "open">,
  channelKey: Uint8Array,
  { content }: Broadcast,
): Plaintext | undefined {
  if (content.form !== "channel") return undefined;
  const plaintext = crypto.open(keyOf(crypto, channelKey, content.salt), nothing, content.sealed);
  return plaintext && decodePlaintext(plaintext);
}

function keyOf(crypto: Pick<MessageCrypto, "hkdf">, channelKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return crypto.hkdf(joined(channelKey, salt), channelInfo, messageKeyLength);
}
