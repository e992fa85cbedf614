/**
 * Of which interfaces the kernel passes over routes while they have no carrier. Linux' default is to keep using such a
 * route, and so to lose what is sent by it; net.*.conf.*.ignore_routes_with_linkdown decides.
 */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { DeadRouteFacts } from "../facts.ts";

export class DeadRouteTable {
  #facts: Readonly<Record<Family, DeadRouteFacts>> = {
    ipv4: { areSkippedEverywhere: false, skippedOn: new Set() },
    ipv6: { areSkippedEverywhere: false, skippedOn: new Set() },
  };

  /** True when it was otherwise. */
  set(family: Family, ifindex: number | "all", skips: boolean): boolean {
    const facts = this.#facts[family];
    if (ifindex === "all") {
      // For IPv6 "all" is only how every interface is written at once; each tells its own new value (addrconf_linkdown_change).
      if (family === "ipv6" || facts.areSkippedEverywhere === skips) return false;
      this.#facts = { ...this.#facts, [family]: { ...facts, areSkippedEverywhere: skips } };
      return true;
    }
    if (facts.skippedOn.has(ifindex) === skips) return false;
    const skippedOn = new Set(facts.skippedOn);
    if (skips) skippedOn.add(ifindex);
    else skippedOn.delete(ifindex);
    this.#facts = { ...this.#facts, [family]: { ...facts, skippedOn } };
    return true;
  }

  removeOf(ifindex: number): void {
    for (const family of families) this.set(family, ifindex, false);
  }

  adopt(other: DeadRouteTable): void {
    this.#facts = other.#facts;
  }

  snapshot(): Readonly<Record<Family, DeadRouteFacts>> {
    return this.#facts;
  }
}
