/**
 * A KEM of symbols, small and no better than it must be: a ciphertext gives its secret to the owner of the key, and nothing to
 * others. Whoever encapsulates may choose the secret, so that the same can be sent to two keys; real ones are harder to misuse.
 */
import type { KemSizes } from "@ropewalk/tunnel/pure/handshake/message";
import type { Provenance } from "./provenance.ts";
import type { Name } from "./world.ts";

export const symbolicKem: KemSizes = { name: "symbols", publicKeyLength: 16, ciphertextLength: 24 };

/** The secret that only the owner of a KEM key has; "kem NAME …" is what it lets its holder know. */
const ofOwner = (owner: string) => `kem ${owner}`;

export class SymbolicKem {
  readonly #provenance: Provenance;
  readonly #owners = new Map<string, string>();
  readonly #ciphertexts = new Map<string, { readonly owner: string; readonly secret: Uint8Array }>();

  constructor(provenance: Provenance) {
    this.#provenance = provenance;
  }

  publicKey(owner: Name): Uint8Array {
    const key = this.#provenance.open(`public key of ${owner}`, symbolicKem.publicKeyLength);
    this.#owners.set(key.toHex(), owner);
    return key;
  }

  /** What an honest end does; `chance` names the draw. */
  encapsulate(publicKey: Uint8Array, chance: string): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array } {
    const secret = this.#provenance.drawn(`${ofOwner(this.#ownerOf(publicKey))} ${chance}`, 32);
    return { secret: secret.slice(), ciphertext: this.encapsulateChosen(publicKey, secret) };
  }

  /** What an attacker may do with any secret that it knows. */
  encapsulateChosen(publicKey: Uint8Array, secret: Uint8Array): Uint8Array {
    const name = `ciphertext of ${secret.toHex()} for ${publicKey.toHex()}`;
    const ciphertext = this.#provenance.open(name, symbolicKem.ciphertextLength);
    this.#ciphertexts.set(ciphertext.toHex(), { owner: this.#ownerOf(publicKey), secret });
    return ciphertext;
  }

  /** Another ciphertext with the same secret in it, by whoever has seen the first: nothing forbids it. */
  mauled(ciphertext: Uint8Array): Uint8Array {
    const other = this.#provenance.open(`other than ${ciphertext.toHex()}`, symbolicKem.ciphertextLength);
    const content = this.contentOf(ciphertext);
    if (content !== undefined) this.#ciphertexts.set(other.toHex(), content);
    return other;
  }

  /** What is no ciphertext for this key gives a secret that only the key's owner can compute. */
  decapsulate(owner: Name, ciphertext: Uint8Array): Uint8Array {
    const sent = this.#ciphertexts.get(ciphertext.toHex());
    if (sent?.owner === owner) return sent.secret.slice();
    return this.#provenance.drawn(`${ofOwner(owner)} rejects ${ciphertext.toHex()}`, 32).slice();
  }

  /** Whose key a ciphertext is for, and what is in it. */
  contentOf(ciphertext: Uint8Array): { readonly owner: string; readonly secret: Uint8Array } | undefined {
    return this.#ciphertexts.get(ciphertext.toHex());
  }

  #ownerOf(publicKey: Uint8Array): string {
    return this.#owners.get(publicKey.toHex()) ?? "nobody";
  }
}
