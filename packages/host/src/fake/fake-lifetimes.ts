/** Lifetimes of IPv6 addresses in memory, on a clock that the test moves: they run as the kernel's do, and nothing else happens. */
import type { Clock } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import type { AddressLifetimes, Lifetime, LivingAddress, OwnAddress } from "../address-lifetimes.ts";

interface Ends {
  readonly address: OwnAddress;
  /** On the clock. */
  readonly preferred: Lifetime;
  readonly valid: Lifetime;
}

export class FakeLifetimes implements AddressLifetimes {
  readonly #clock: Pick<Clock, "now">;
  readonly #addresses = new Map<string, Ends>();
  /** What the system says to each change. */
  fault: string | undefined;
  /** Each change that was asked for. */
  readonly changes: LivingAddress[] = [];
  onChange: (address: OwnAddress, isDeprecated: boolean) => void = () => {};

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** As somebody else makes or renews it. */
  set({ preferred, valid, ...address }: LivingAddress): void {
    this.#addresses.set(nameOf(address), { address, preferred: this.#endOf(preferred), valid: this.#endOf(valid) });
    this.onChange(address, preferred === 0);
  }

  remove(address: OwnAddress): void {
    this.#addresses.delete(nameOf(address));
  }

  read(address: OwnAddress): LivingAddress | undefined {
    const ends = this.#addresses.get(nameOf(address));
    if (ends === undefined || this.#leftOf(ends.valid) === 0) return undefined;
    return { ...ends.address, preferred: this.#leftOf(ends.preferred), valid: this.#leftOf(ends.valid) };
  }

  prefer(address: OwnAddress, preferred: Lifetime): string | undefined {
    const present = this.read(address);
    if (present === undefined) return "there is no such address any more";
    this.changes.push({ ...present, preferred });
    if (this.fault === undefined) this.set({ ...present, preferred });
    return this.fault;
  }

  [Symbol.dispose](): void {}

  #endOf(lifetime: Lifetime): Lifetime {
    return lifetime === "forever" ? lifetime : millis(this.#clock.now() + lifetime);
  }

  #leftOf(end: Lifetime): Lifetime {
    return end === "forever" ? end : millis(Math.max(0, end - this.#clock.now()));
  }
}

function nameOf({ ifindex, address }: OwnAddress): string {
  return `${ifindex} ${address}`;
}
