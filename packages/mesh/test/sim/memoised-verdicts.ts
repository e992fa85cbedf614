/**
 * Verdicts on announces that were judged before, for simulations alone: a thousand nodes judge each announce a thousand times. A verdict
 * holds for the same octets, every one of them, judged in the same way, and for nothing else. No source may import this.
 */
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import type { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import type { SharedVerdicts } from "./parts/shared-verdicts.ts";

/** How a node judges: the mesh's own `isProved`, or a mutant of it. */
export type Prove = (crypto: Pick<MeshCrypto, "verify">, announce: HeardAnnounce) => boolean;

/** Forgeries by the million push out what was remembered, and cost a verification again. */
const mostRemembered = 100_000;

export class MemoisedVerdicts {
  readonly #crypto: Pick<MeshCrypto, "verify">;
  /** Each announce comes from each distance; its signature is one. */
  readonly #proofs: Verdicts;
  readonly #signatures: Verdicts;
  #asked = 0;
  #verified = 0;

  /** `crypto`: anybody's, as all verify alike. `others`: what other parts of the mesh, whose nodes judge in the same way, have judged. */
  constructor(crypto: Pick<MeshCrypto, "verify">, others?: SharedVerdicts) {
    this.#crypto = crypto;
    this.#proofs = new Verdicts(others);
    this.#signatures = new Verdicts(others);
  }

  /** How often it was asked, and how often it had to verify a signature for that. */
  get counts(): { readonly asked: number; readonly verified: number } {
    return { asked: this.#asked, verified: this.#verified };
  }

  prove(by: Prove, announce: HeardAnnounce): boolean {
    this.#asked += 1;
    const verify: MeshCrypto["verify"] = (...signed) => this.#verify(...signed);
    return this.#proofs.of(announce.octets, by, () => by({ verify }, announce));
  }

  #verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    // The message ends where the signature begins: keys and signatures are of one length.
    return this.#signatures.of(Buffer.concat([key, message, signature]), undefined, () => {
      this.#verified += 1;
      return this.#crypto.verify(key, message, signature);
    });
  }
}

interface Judged {
  readonly octets: Uint8Array;
  readonly by: Prove | undefined;
  readonly verdict: boolean;
  readonly next: Judged | undefined;
}

class Verdicts {
  readonly #judged: Map<number, Judged> = new Map();
  readonly #others: SharedVerdicts | undefined;
  #remembered = 0;

  constructor(others: SharedVerdicts | undefined) {
    this.#others = others;
  }

  of(octets: Uint8Array, by: Prove | undefined, judge: () => boolean): boolean {
    const place = placeOf(octets);
    for (let judged = this.#judged.get(place); judged !== undefined; judged = judged.next)
      if (judged.by === by && Buffer.compare(judged.octets, octets) === 0) return judged.verdict;
    const verdict = this.#others?.of(octets, judge) ?? judge();
    if (this.#remembered === mostRemembered) this.#forget();
    this.#remembered += 1;
    this.#judged.set(place, { octets: octets.slice(), by, verdict, next: this.#judged.get(place) });
    return verdict;
  }

  #forget(): void {
    this.#judged.clear();
    this.#remembered = 0;
  }
}

/** FNV-1a of some octets, to find it by: no more is asked of it than that few share a place. */
function placeOf(octets: Uint8Array): number {
  let place = 0x811c9dc5;
  for (let at = Math.max(0, octets.length - 45); at < octets.length; at += 1)
    place = Math.imul(place ^ (octets[at] as number), 0x01000193);
  return place;
}
