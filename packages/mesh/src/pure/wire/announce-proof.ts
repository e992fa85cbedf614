/**
 * Announces made, and judged: whoever has the key said this, in this epoch and sequence, and it has come as far as it says or further. Whether
 * he says so now, or somebody kept it, is for an answer from him to show.
 */
import { joined } from "@ropewalk/kernel/bytes";
import type { MeshCrypto } from "../mesh-crypto.ts";
import {
  type AnnounceContent,
  type AnnounceFault,
  decodeAnnounce,
  encodeAnnounce,
  encodeSignedPart,
  HeardAnnounce,
} from "./announce.ts";
import { anchor, isOnChain } from "./hop-chain.ts";

/** The node's own, as it leaves it: no hops. Throws InternalError for what does not fit its field. */
export function makeAnnounce(crypto: MeshCrypto, content: AnnounceContent): HeardAnnounce {
  const { publicKey: key } = crypto;
  const origin = { ...content, key, hops: 0, chain: crypto.chainSeed(content.epoch, content.sequence) };
  const signature = crypto.sign(joined(encodeSignedPart(content, key), anchor(origin)));
  return new HeardAnnounce(encodeAnnounce({ ...origin, signature }));
}

export type AnnounceVerdict =
  /** In octets of its own. */
  | { readonly kind: "proved"; readonly announce: HeardAnnounce }
  | { readonly kind: "refused"; readonly why: AnnounceFault | "signature" };

/** Of octets that a neighbour sent. What costs little is looked at first: the signature of nothing that is wrong otherwise is verified. */
export function judgeAnnounce(crypto: Pick<MeshCrypto, "verify">, octets: Uint8Array): AnnounceVerdict {
  const heard = decodeAnnounce(octets);
  if (typeof heard === "string") return { kind: "refused", why: heard };
  return isProved(crypto, heard) ? { kind: "proved", announce: heard.kept() } : { kind: "refused", why: "signature" };
}

/** Whether its origin signed it, and nobody lowered its hops. Some 120 µs. */
export function isProved(crypto: Pick<MeshCrypto, "verify">, heard: HeardAnnounce): boolean {
  return crypto.verify(heard.key, joined(heard.signedPart, anchor(heard)), heard.signature);
}

/**
 * Whether what was heard is another copy of an announce that was proved: a hash for each hop between them, and no signature. False says
 * nothing: another announce of the same epoch and sequence may be proved by its own signature, but is then its origin's fault.
 */
export function isProvedBy(proved: HeardAnnounce, heard: HeardAnnounce): boolean {
  return heard.isCopyOf(proved) && hasTrueHops(proved, heard);
}

/** Of one that has the chain of another that was proved (`hasChainOf`): whether it has come as far as it says, or further. */
export function hasTrueHops(proved: HeardAnnounce, heard: HeardAnnounce): boolean {
  const steps = heard.hops - proved.hops;
  const [nearer, further] = steps < 0 ? [heard, proved] : [proved, heard];
  return isOnChain(proved, nearer.chain, further.chain, Math.abs(steps));
}
