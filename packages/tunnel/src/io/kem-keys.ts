/** What the handshake thread does with KEM keys: finds those of peers, keeps what came, and has the McEliece workers compute. */
import { type McElieceKeyPair, McEliecePublicKey } from "@ropewalk/crypto/mceliece/keys";
import type { McElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import type { Encapsulated } from "../pure/handshake/handshake-state.ts";
import type { KemKeyStore } from "./kem-key-store.ts";

/** Keys of peers in memory: 8 MB. */
const mostInMemory = 16;

export class KemKeys {
  readonly #workers: McElieceWorkers;
  readonly #store: KemKeyStore | undefined;
  /** By pin; the one used the longest ago comes first. One object a key: workers know keys by their objects. */
  readonly #known = new Map<string, McEliecePublicKey>();

  constructor(workers: McElieceWorkers, store: KemKeyStore | undefined) {
    this.#workers = workers;
    this.#store = store;
  }

  /** The public key of which `pin` is the SHA-384. */
  find(pin: Uint8Array): Uint8Array | undefined {
    const key = this.#known.get(pin.toHex()) ?? this.#store?.find(pin);
    if (key !== undefined) this.#remember(key);
    return key?.raw();
  }

  /** Of a peer whose certificate pins it. */
  keep(octets: Uint8Array): void {
    const key = new McEliecePublicKey(octets.slice());
    this.#remember(key);
    this.#store?.keep(key);
  }

  /** For a key that was found or kept. The caller erases the secret. */
  async encapsulate(octets: Uint8Array, signal: AbortSignal): Promise<Encapsulated> {
    const known = [...this.#known.values()].find((each) => each.raw() === octets);
    const key = known ?? new McEliecePublicKey(octets);
    const { ciphertext, secret } = await this.#workers.encapsulate(key, { signal });
    return { ciphertext, secret: secret.reveal() };
  }

  /** The caller erases the secret. */
  async decapsulate(pair: McElieceKeyPair, ciphertext: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return (await this.#workers.decapsulate(pair, ciphertext, { signal })).reveal();
  }

  #remember(key: McEliecePublicKey): void {
    const name = key.sha384.toHex();
    this.#known.delete(name);
    this.#known.set(name, key);
    const [oldest] = this.#known.keys();
    if (oldest === undefined || this.#known.size <= mostInMemory) return;
    const dropped = this.#known.get(oldest);
    this.#known.delete(oldest);
    if (dropped !== undefined) this.#workers.forget(dropped);
  }
}
