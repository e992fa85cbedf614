/**
 * The first envelope of a chain, whole in itself: it can be opened by who has the recipient's prekey and identity, says in its sealed part who
 * made it, and is number 0 of the chain that it begins. Its tag follows from the keys that hide the sender, so that what was sealed to another
 * prekey costs one agreement to tell, and not four.
 *
 *     0                    32                   64
 *     +--------------------+--------------------+---------------- - -+-----------+
 *     | ephemeral key (32) | masked key (32)    | ciphertext         | mac (16)  |
 *     +--------------------+--------------------+---------------- - -+-----------+
 *
 * Source: docs/protocols/mesh-envelope.md, "Openings".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import { envelopeLengths, tagName, tagOctets } from "../wire/envelope.ts";
import { ChainHash, chainKeyLength } from "./chain.ts";
import type { AgreementKey, MessageCrypto } from "./message-crypto.ts";

const identityLabel = utf8("ropewalk mesh opening identity v1");
const openingLabel = utf8("ropewalk mesh opening v1");
const keyLength = 32;

/** To whom: public X25519 keys of 32 octets. `prekey` is the identity's where he has no other. */
export interface OpeningKeys {
  readonly identity: Uint8Array;
  readonly prekey: Uint8Array;
}

export interface SealedOpening {
  /** 8 octets. */
  readonly tag: Uint8Array;
  /** 16 octets: the proof that it was opened. */
  readonly ackKey: Uint8Array;
  readonly sealed: Uint8Array;
  /** The key of number 1. */
  readonly chainKey: Uint8Array;
}

/** Undefined where a key of the recipient's is of small order. */
export function sealOpening(crypto: MessageCrypto, to: OpeningKeys, plaintext: Uint8Array): SealedOpening | undefined {
  const [ephemeral, hash] = [crypto.generate(), new ChainHash(crypto)];
  const hidden = agreed(ephemeral, to.prekey, to.identity);
  const authenticated = agreed(crypto.identity, to.prekey, to.identity);
  if (hidden === undefined || authenticated === undefined) return undefined;
  const keys = framed(ephemeral.publicKey, to.prekey, to.identity);
  const { mask, ackKey } = identityKeys(crypto, hidden, keys);
  const chainKey = firstChainKey(crypto, joined(hidden, authenticated), keys, crypto.publicKey);
  const head = joined(ephemeral.publicKey, masked(mask, crypto.publicKey));
  const sealed = joined(head, crypto.seal(hash.messageKey(chainKey), head, plaintext));
  return { tag: tagOctets(hash.tag(ackKey)), ackKey, sealed, chainKey: hash.next(chainKey) };
}

export type OpenedOpening =
  | {
      readonly kind: "opened";
      /** His identity key: 32 octets. */
      readonly sender: Uint8Array;
      readonly plaintext: Uint8Array;
      readonly ackKey: Uint8Array;
      /** The key of number 1. */
      readonly chainKey: Uint8Array;
      /** To which of the prekeys it was sealed. */
      readonly by: AgreementKey;
    }
  /** `unknown`: it is for none of these keys; `forged`: it was not made by who it says, or was changed. */
  | { readonly kind: "refused"; readonly why: "unknown" | "forged" };

/** By each of the `prekeys` in turn, the identity's own among them where it serves as one. */
export function openOpening(
  crypto: MessageCrypto,
  prekeys: readonly AgreementKey[],
  tag: Uint8Array,
  sealed: Uint8Array,
): OpenedOpening {
  const ephemeral = sealed.subarray(0, keyLength);
  const toIdentity = crypto.identity.agree(ephemeral);
  if (toIdentity === undefined) return { kind: "refused", why: "unknown" };
  const hash = new ChainHash(crypto);
  for (const prekey of prekeys) {
    const toPrekey = prekey === crypto.identity ? toIdentity : prekey.agree(ephemeral);
    if (toPrekey === undefined) continue;
    const hidden = joined(toPrekey, toIdentity);
    const keys = framed(ephemeral, prekey.publicKey, crypto.identity.publicKey);
    const { mask, ackKey } = identityKeys(crypto, hidden, keys);
    if (hash.tag(ackKey) !== tagName(tag)) continue;
    const opened = openBy(crypto, prekey, { hidden, keys, mask }, sealed);
    return opened === undefined
      ? { kind: "refused", why: "forged" }
      : { kind: "opened", ...opened, ackKey, by: prekey };
  }
  return { kind: "refused", why: "unknown" };
}

interface Recognised {
  readonly hidden: Uint8Array;
  readonly keys: Uint8Array;
  readonly mask: Uint8Array;
}

/** Who it is from follows only when the mac verifies. */
function openBy(crypto: MessageCrypto, prekey: AgreementKey, { hidden, keys, mask }: Recognised, sealed: Uint8Array) {
  const head = sealed.subarray(0, envelopeLengths.openingHead);
  const sender = masked(mask, head.subarray(keyLength));
  const agreement = crypto.agreementKeyOf(sender);
  if (agreement === undefined) return undefined;
  const [toPrekey, toIdentity] = [prekey.agree(agreement), crypto.identity.agree(agreement)];
  if (toPrekey === undefined || toIdentity === undefined) return undefined;
  const chainKey = firstChainKey(crypto, joined(hidden, toPrekey, toIdentity), keys, sender);
  const hash = new ChainHash(crypto);
  const plaintext = crypto.open(hash.messageKey(chainKey), head, sealed.subarray(envelopeLengths.openingHead));
  return plaintext && { sender, plaintext, chainKey: hash.next(chainKey) };
}

/** What both ends alone know of `key` and each of the recipient's. */
function agreed(key: AgreementKey, prekey: Uint8Array, identity: Uint8Array): Uint8Array | undefined {
  const [toPrekey, toIdentity] = [key.agree(prekey), key.agree(identity)];
  return toPrekey && toIdentity && joined(toPrekey, toIdentity);
}

function identityKeys(crypto: MessageCrypto, hidden: Uint8Array, keys: Uint8Array) {
  const both = crypto.hkdf(hidden, framed(identityLabel, keys), keyLength + envelopeLengths.ackKey);
  return { mask: both.subarray(0, keyLength), ackKey: both.subarray(keyLength) };
}

function firstChainKey(crypto: MessageCrypto, secrets: Uint8Array, keys: Uint8Array, sender: Uint8Array): Uint8Array {
  return crypto.hkdf(secrets, framed(openingLabel, keys, sender), chainKeyLength);
}

function masked(mask: Uint8Array, key: Uint8Array): Uint8Array {
  return mask.map((octet, place) => octet ^ (key[place] as number));
}
