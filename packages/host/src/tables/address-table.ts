/** Every address of every link. */
import type { AddressFacts } from "../facts.ts";
import { equalFacts } from "./equal-facts.ts";
import type { ObservedAddress } from "./network-event.ts";

export class AddressTable {
  readonly #addresses = new Map<string, AddressFacts>();
  #snapshot: readonly AddressFacts[] | undefined = [];

  /** True when anything about the address is new. */
  set(address: ObservedAddress): boolean {
    const key = keyOf(address);
    if (equalFacts(this.#addresses.get(key), address.facts)) return false;
    this.#addresses.set(key, address.facts);
    this.#snapshot = undefined;
    return true;
  }

  remove(address: ObservedAddress): boolean {
    const isRemoved = this.#addresses.delete(keyOf(address));
    if (isRemoved) this.#snapshot = undefined;
    return isRemoved;
  }

  removeOf(ifindex: number): void {
    for (const [key, facts] of this.#addresses) {
      if (facts.ifindex !== ifindex) continue;
      this.#addresses.delete(key);
      this.#snapshot = undefined;
    }
  }

  snapshot(): readonly AddressFacts[] {
    this.#snapshot ??= [...this.#addresses.values()];
    return this.#snapshot;
  }

  /** Takes over the other table's content; gives the interfaces whose addresses differ. */
  adopt(other: AddressTable): Set<number> {
    const changed = new Set<number>();
    for (const [key, facts] of this.#addresses) if (!other.#addresses.has(key)) changed.add(facts.ifindex);
    for (const [key, facts] of other.#addresses) {
      if (!equalFacts(this.#addresses.get(key), facts)) changed.add(facts.ifindex);
    }
    if (changed.size === 0) return changed;
    this.#addresses.clear();
    for (const [key, facts] of other.#addresses) this.#addresses.set(key, facts);
    this.#snapshot = undefined;
    return changed;
  }
}

/** The kernel tells two addresses apart by these (inet_rtm_deladdr, ipv6_get_ifaddr). */
function keyOf({ facts, peer }: ObservedAddress): string {
  return `${facts.ifindex} ${facts.address}/${facts.prefixLength} ${peer}`;
}
