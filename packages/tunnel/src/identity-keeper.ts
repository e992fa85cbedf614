/**
 * Keeps the identity of an end as its files say: they are looked at twice a second and read again when they have changed. What cannot
 * be used changes nothing but what is said about it.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { fileSignature } from "./io/file-signature.ts";
import type { HandshakeThread } from "./io/handshake-thread.ts";
import type { IdentityFacts, IdentityFiles } from "./io/identity.ts";
import type { Role } from "./pure/handshake/message.ts";

const lookEvery: Millis = millis(500);

export interface IdentityKeeperOptions {
  /** It is in use there. */
  readonly files: IdentityFiles;
  /** What the certificate must be good for. */
  readonly role: Role;
  readonly thread: HandshakeThread;
  readonly clock: Clock;
  /** Other files are in use from now on. */
  readonly onChanged: (facts: IdentityFacts) => void;
  /** What is there cannot be used, and what was in use stays. */
  readonly onKept: (reason: string) => void;
}

export class IdentityKeeper implements Disposable {
  readonly #options: IdentityKeeperOptions;
  #files: IdentityFiles;
  /** Of the files that were read last, and of those that were there at the last look. */
  #read: string;
  #seen: string;
  #reloading: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #isOver = false;

  constructor(options: IdentityKeeperOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#read = signatureOf(options.files);
    this.#seen = this.#read;
    this.#setTimer();
  }

  /** Reads `files` now, as on a reload of the configuration. Never rejects. */
  reload(files: IdentityFiles = this.#files): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reloadOnce(files));
    return this.#reloading;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  async #reloadOnce(files: IdentityFiles): Promise<void> {
    const { thread, role, onChanged, onKept } = this.#options;
    this.#read = signatureOf(files);
    try {
      const before = thread.facts.digest;
      const facts = await thread.use(files, role);
      this.#files = files;
      if (facts.digest !== before && !this.#isOver) onChanged(facts);
    } catch (error) {
      if (!this.#isOver) onKept(describeError(error));
    }
  }

  /** Files that belong together are not written in one moment: they are read when two looks have found the same. */
  async #look(): Promise<void> {
    const before = this.#seen;
    this.#seen = signatureOf(this.#files);
    if (this.#seen !== this.#read && this.#seen === before) await this.reload();
    this.#setTimer();
  }

  #setTimer(): void {
    if (this.#isOver) return;
    this.#timer = this.#options.clock.after("files of the identity", lookEvery, () => void this.#look());
  }
}

function signatureOf({ certificate, key, kemKey, authorities, revocationLists }: IdentityFiles): string {
  return fileSignature([
    certificate,
    key,
    ...(kemKey === undefined ? [] : [kemKey]),
    ...authorities,
    ...revocationLists,
  ]);
}
