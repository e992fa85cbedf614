/** The addresses that this machine can be reached at now, looked at again and again: no system tells them without being asked. */
import { networkInterfaces } from "node:os";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import { plainAddress } from "../pure/gone-paths.ts";

/** A look takes some 50 microseconds. */
const lookEvery = millis(250);

/** Of interfaces that are up and have a carrier, as libuv tells no others; with loopback's. */
export function ownAddresses(): ReadonlySet<string> {
  const infos = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(infos.map(({ address }) => plainAddress(address)));
}

export class OwnAddresses implements Disposable {
  readonly #clock: Clock;
  readonly #read: () => ReadonlySet<string>;
  readonly #onChange: () => void;
  #current: ReadonlySet<string>;
  #timer: Timer;

  constructor(clock: Clock, read: () => ReadonlySet<string>, onChange: () => void) {
    this.#clock = clock;
    this.#read = read;
    this.#onChange = onChange;
    this.#current = read();
    this.#timer = this.#later();
  }

  get current(): ReadonlySet<string> {
    return this.#current;
  }

  /** At once; `onChange` is called before this returns, if it found a change. */
  look(): void {
    const found = this.#read();
    if (found.symmetricDifference(this.#current).size === 0) return;
    this.#current = found;
    this.#onChange();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #later(): Timer {
    return this.#clock.after("own addresses", lookEvery, () => {
      this.#timer = this.#later();
      this.look();
    });
  }
}
