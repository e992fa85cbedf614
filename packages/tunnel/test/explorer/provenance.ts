/**
 * SHA-384 that remembers where its outputs come from. What nobody can guess is a secret, and a hash or MAC over secrets is one too:
 * who knows all that went in can make it, and nobody else can.
 */
import { createHash, createHmac } from "node:crypto";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";

/** What the attacker is asked for when a secret comes up that it has not been sent. */
export type Holds = (secret: string) => boolean;

interface Secret {
  readonly octets: Uint8Array;
  /** Of one that was drawn. */
  readonly name: string | undefined;
  /** Of one that was computed: the secrets in what it was computed from. */
  readonly inputs: readonly number[];
}

/** Enough of a secret to know it by, so that a key that was cut from a MAC is found as well. */
const telling = 12;

export class Provenance implements Sha384 {
  readonly #secrets: Secret[] = [];
  readonly #byPrefix = new Map<number, number>();
  readonly #outputs = new Map<string, Uint8Array>();

  readonly hash = (...parts: readonly Uint8Array[]): Uint8Array => {
    const input = Buffer.concat(parts);
    return this.#computed(`hash ${input.toString("latin1")}`, [input], () =>
      createHash("sha384").update(input).digest(),
    );
  };

  readonly hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => {
    const input = Buffer.concat(parts);
    const call = `hmac ${key.length} ${Buffer.from(key).toString("latin1")}${input.toString("latin1")}`;
    return this.#computed(call, [key, input], () => createHmac("sha384", key).update(input).digest());
  };

  /** A value of `length` bytes that is the same in every run, and that only those who hold `name` know. */
  drawn(name: string, length: number): Uint8Array {
    const octets = this.open(name, length);
    if (this.secretsIn(octets).length === 0) this.#remember({ octets, name, inputs: [] });
    return octets;
  }

  /** A value that everybody may know. */
  open(name: string, length: number): Uint8Array {
    return new Uint8Array(createHash("sha384").update(`drawn: ${name}`).digest().subarray(0, length));
  }

  /** Whether who holds some drawn secrets, and was sent others, can make `value`. */
  isDerivable(value: Uint8Array, holds: Holds, sent: ReadonlySet<number>): boolean {
    const known = new Map<number, boolean>();
    const isKnown = (id: number): boolean => {
      const before = known.get(id);
      if (before !== undefined) return before;
      const secret = this.#secrets[id];
      const made = secret?.name === undefined ? secret?.inputs.every(isKnown) === true : holds(secret.name);
      known.set(id, made || sent.has(id));
      return made || sent.has(id);
    };
    return this.secretsIn(value).every(isKnown);
  }

  /** The secrets that can be read out of `octets`. */
  secretsIn(octets: Uint8Array): readonly number[] {
    const view = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
    const found: number[] = [];
    for (let offset = 0; offset + telling <= view.length; offset += 1) {
      const id = this.#byPrefix.get(prefixAt(view, offset));
      const secret = id === undefined ? undefined : this.#secrets[id];
      if (id === undefined || secret === undefined) continue;
      if (view.compare(secret.octets, 0, telling, offset, offset + telling) === 0) found.push(id);
    }
    return found;
  }

  #computed(call: string, inputs: readonly Uint8Array[], compute: () => Uint8Array): Uint8Array {
    let output = this.#outputs.get(call);
    if (output === undefined) {
      output = new Uint8Array(compute());
      const secrets = inputs.flatMap((input) => this.secretsIn(input));
      if (secrets.length > 0) this.#remember({ octets: output, name: undefined, inputs: secrets });
      this.#outputs.set(call, output);
    }
    return output.slice();
  }

  #remember(secret: Secret): void {
    this.#byPrefix.set(prefixAt(Buffer.from(secret.octets), 0), this.#secrets.length);
    this.#secrets.push(secret);
  }
}

function prefixAt(octets: Buffer, offset: number): number {
  return octets.readUIntBE(offset, 6);
}
