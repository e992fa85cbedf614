/**
 * Files that belong together, read when they have changed: a certificate and its key. What cannot be used changes nothing: what was read before counts
 * on, and health says so.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import { fileSignature } from "@ropewalk/tunnel/io/file-signature";

export interface WatchedFilesOptions {
  /** "the certificate of entry's HTTP". */
  readonly what: string;
  readonly paths: readonly string[];
  /** Reads them and puts them to use; throws when they cannot be used. */
  readonly use: () => void;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "error">;
  readonly health: HealthReporter;
}

const lookEvery = seconds(10);

export class WatchedFiles implements Disposable {
  readonly #options: WatchedFilesOptions;
  #used: string;
  #seen: string;
  #timer: Timer | undefined;

  /** They are in use. */
  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#used = fileSignature(options.paths);
    this.#seen = this.#used;
    options.health.healthy();
    this.#setTimer();
  }

  /** Whether they have changed or not. */
  useNow(): void {
    const { what, log, health, use } = this.#options;
    this.#used = fileSignature(this.#options.paths);
    this.#seen = this.#used;
    try {
      use();
      health.healthy();
      log.info({ what }, "files were read again and are in use");
    } catch (error) {
      health.report("degraded", `${what} is not used as it is now: ${describeError(error)}`);
      log.error({ what, reason: describeError(error) }, "files are not used as they are now");
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = fileSignature(this.#options.paths);
    this.#setTimer();
    // Files that belong together are not written in one moment: they are read when two looks have found the same.
    if (this.#seen !== this.#used && this.#seen === before) this.useNow();
  }

  #setTimer(): void {
    this.#timer = this.#options.clock.after(this.#options.what, lookEvery, () => this.#look());
  }
}
