/**
 * Public KEM keys of peers on disk, each under the hash that certificates pin, so that half a megabyte crosses a slow link once. What
 * is read is hashed again: a file that is damaged is as good as none, and goes. Of too many, the ones used the longest ago go.
 */
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { areEqual } from "@ropewalk/crypto/constant-time";
import { McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import { describeError } from "@ropewalk/kernel/errors";
import { readPublicFile } from "@ropewalk/ops/secret-file";
import { writeFilesTogether } from "@ropewalk/ops/written-files";

const suffix = ".mceliece460896";
const namePattern = /^[0-9a-f]{96}\.mceliece460896$/;

export interface KemKeyStoreConfig {
  readonly folder: string;
  /** Keys that are kept; each takes 524,160 bytes. */
  readonly most: number;
}

export interface KemKeyStoreDeps {
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** What could not be kept, and so will be fetched again. */
  readonly onFault: (reason: string) => void;
}

export class KemKeyStore {
  readonly #config: KemKeyStoreConfig;
  readonly #deps: KemKeyStoreDeps;

  constructor(config: KemKeyStoreConfig, deps: KemKeyStoreDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  /** The key with this SHA-384; undefined when it is not here, or what is here is another. */
  find(pin: Uint8Array): McEliecePublicKey | undefined {
    const path = this.#pathOf(pin);
    try {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      const key = new McEliecePublicKey(readPublicFile(path, mcElieceLengths.publicKey));
      if (!areEqual(key.sha384, pin)) throw new Error("it is not the key that its name says");
      const now = this.#deps.wall() / 1000;
      utimesSync(path, now, now);
      return key;
    } catch (error) {
      this.#tell(`${path} is of no use and is fetched again`, error);
      this.#drop(path);
      return undefined;
    }
  }

  /** Best effort: what cannot be kept is fetched again. */
  keep(key: McEliecePublicKey): void {
    const path = this.#pathOf(key.sha384);
    try {
      mkdirSync(this.#config.folder, { recursive: true, mode: 0o700 });
      writeFilesTogether([{ path, octets: key.raw(), mode: 0o600 }], { whenThere: "overwrite" });
      this.#prune(path);
    } catch (error) {
      this.#tell(`${path} cannot be kept`, error);
    }
  }

  #prune(newest: string): void {
    const files = readdirSync(this.#config.folder)
      .filter((name) => namePattern.test(name))
      .map((name) => join(this.#config.folder, name))
      .filter((path) => path !== newest)
      .map((path) => ({ path, usedAt: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .toSorted((one, other) => other.usedAt - one.usedAt);
    for (const { path } of files.slice(Math.max(0, this.#config.most - 1))) this.#drop(path);
  }

  #drop(path: string): void {
    try {
      rmSync(path, { force: true });
    } catch (error) {
      this.#tell(`${path} cannot be removed`, error);
    }
  }

  #pathOf(pin: Uint8Array): string {
    return join(this.#config.folder, `${pin.toHex()}${suffix}`);
  }

  #tell(what: string, error: unknown): void {
    this.#deps.onFault(`${what}: ${describeError(error)}`);
  }
}
