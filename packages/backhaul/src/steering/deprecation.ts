/** Deprecates the addresses of dead uplinks and gives them back: done where it is needed, and told when that changes something. */
import type { AddressLifetimes, LifetimeJournal, OwnAddress } from "@ropewalk/host/address-lifetimes";
import { DeprecationKeeper, type DeprecationOutcome } from "@ropewalk/host/deprecation-keeper";
import type { AddressFacts } from "@ropewalk/host/facts";
import { describeError } from "@ropewalk/kernel/errors";
import { isEqual } from "../pure/equal.ts";
import type { SteeringAct } from "../steering-event.ts";
import { event } from "./accounts.ts";

type NameOf = (ifindex: number) => string;

export class Deprecation {
  readonly #keeper: DeprecationKeeper;
  readonly #nameOf: NameOf;
  #wanted: readonly OwnAddress[] | undefined;
  #unmet: readonly string[] = [];

  constructor(lifetimes: AddressLifetimes, journal: LifetimeJournal, nameOf: NameOf) {
    this.#keeper = new DeprecationKeeper(lifetimes, journal);
    this.#nameOf = nameOf;
  }

  /** Addresses that are not as wanted, with the system's words. */
  get unmet(): readonly string[] {
    return this.#unmet;
  }

  /** `present` are all of this host: an address that a router renewed is deprecated once more. What was done, to be told later. */
  follow(wanted: readonly OwnAddress[], present: readonly AddressFacts[]): readonly SteeringAct[] {
    const isSettled = isEqual(wanted, this.#wanted) && this.#unmet.length === 0;
    if (isSettled && !wanted.some((address) => isFresh(address, present))) return [];
    this.#wanted = wanted;
    return this.#want(wanted);
  }

  /** What could not be given back makes it unclean; it is known to the next run. */
  restore(): { readonly events: readonly SteeringAct[]; readonly isClean: boolean } {
    this.#wanted = undefined;
    const events = this.#want([]);
    return { events, isClean: this.#unmet.length === 0 };
  }

  /** A journal that cannot be read keeps nothing else from being done. */
  #want(wanted: readonly OwnAddress[]): readonly SteeringAct[] {
    try {
      const outcomes = this.#keeper.want(wanted);
      const unmet = outcomes.flatMap(({ address, result }) =>
        result.kind === "refused" ? [`${this.#textOf(address)}: ${result.detail}`] : [],
      );
      return this.#account(outcomes, unmet);
    } catch (error) {
      return this.#account([], [`addresses of dead uplinks: ${describeError(error)}`]);
    }
  }

  #account(outcomes: readonly DeprecationOutcome[], unmet: readonly string[]): readonly SteeringAct[] {
    const before = this.#unmet;
    this.#unmet = unmet;
    const done = outcomes.filter(({ result }) => result.kind !== "refused");
    const lines = done.map(({ address, result }) => `${this.#textOf(address)}: ${result.kind}`);
    const cause = "new flows begin with addresses of uplinks that carry something";
    return [
      ...(lines.length === 0 ? [] : [event("changed", "ipv6", null, cause, lines)]),
      ...(unmet.length === 0 || isEqual(before, unmet)
        ? []
        : [event("refused", "ipv6", null, "an address could not be deprecated or preferred", unmet)]),
    ];
  }

  #textOf({ ifindex, address }: OwnAddress): string {
    return `${address} on ${this.#nameOf(ifindex)}`;
  }
}

function isFresh({ ifindex, address }: OwnAddress, present: readonly AddressFacts[]): boolean {
  return present.some((facts) => facts.ifindex === ifindex && facts.address === address && !facts.isDeprecated);
}
