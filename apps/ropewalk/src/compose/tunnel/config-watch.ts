/** Looks whether the configuration's file has changed. It was written whole when two looks in a row have found the same. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { fileSignature } from "@ropewalk/tunnel/io/file-signature";

const lookEvery = seconds(1);

export class ConfigWatch implements Disposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onChanged: () => void;
  #told: string;
  #seen: string;
  #timer: Timer | undefined;

  constructor(path: string, clock: Clock, onChanged: () => void) {
    this.#path = path;
    this.#clock = clock;
    this.#onChanged = onChanged;
    this.#told = fileSignature([path]);
    this.#seen = this.#told;
    this.#setTimer();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = fileSignature([this.#path]);
    this.#setTimer();
    if (this.#seen === this.#told || this.#seen !== before) return;
    this.#told = this.#seen;
    this.#onChanged();
  }

  #setTimer(): void {
    this.#timer = this.#clock.after("configuration file", lookEvery, () => this.#look());
  }
}
