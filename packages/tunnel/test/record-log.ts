/**
 * Every (key, nonce) under which anything was sealed, and whether any came twice. Exact, whatever nonces are made of; and small where
 * they count upwards, as then each key has one run of them.
 */
import type { CreateRecordCipher } from "@ropewalk/crypto/pure/record-cipher";

interface Run {
  readonly first: bigint;
  end: bigint;
}

interface NoncesOfKey {
  /** The first that was seen, with which the others are XORed. */
  readonly base: bigint;
  /** Apart from each other. */
  readonly runs: Run[];
}

export class RecordLog {
  readonly #keys = new Map<string, NoncesOfKey>();
  #records = 0;
  readonly #repeated: string[] = [];

  get records(): number {
    return this.#records;
  }

  get keys(): number {
    return this.#keys.size;
  }

  /** The first of those that came more than once, as "KEY NONCE". */
  get repeated(): readonly string[] {
    return this.#repeated;
  }

  note(key: Uint8Array, nonce: Uint8Array): void {
    this.#records += 1;
    const name = key.toHex();
    const value = BigInt(`0x${nonce.toHex()}`);
    let known = this.#keys.get(name);
    if (known === undefined) {
      known = { base: value, runs: [] };
      this.#keys.set(name, known);
    }
    if (!add(known.runs, value ^ known.base) && this.#repeated.length < 10) {
      this.#repeated.push(`${name} ${nonce.toHex()}`);
    }
  }
}

/** Whether it was not there. */
function add(runs: Run[], value: bigint): boolean {
  const last = runs.at(-1);
  if (last?.end === value) {
    last.end += 1n;
    return true;
  }
  if (runs.some(({ first, end }) => value >= first && value < end)) return false;
  runs.push({ first: value, end: value + 1n });
  return true;
}

/** Ciphers that tell the log what they seal under. */
export function logged(createCipher: CreateRecordCipher, log: RecordLog): CreateRecordCipher {
  return (key) => {
    const own = key.slice();
    const cipher = createCipher(key);
    return {
      seal(nonce, head, parts, length) {
        log.note(own, nonce);
        return cipher.seal(nonce, head, parts, length);
      },
      open: (nonce, head, sealed) => cipher.open(nonce, head, sealed),
      erase: () => cipher.erase(),
    };
  };
}
