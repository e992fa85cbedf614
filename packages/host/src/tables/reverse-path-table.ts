/**
 * Which interfaces filter IPv4 packets by their reverse path. The kernel applies the larger of an interface's own setting
 * and that of "all". Source: rp_filter in Documentation/networking/ip-sysctl.rst; IN_DEV_RPFILTER of linux/inetdevice.h.
 */
import type { ReversePathFilter } from "../facts.ts";
import { SharedMap } from "./shared-map.ts";

export class ReversePathTable {
  /** Values of the sysctl. */
  #all = 0;
  #own = new Map<number, number>();
  #effective = new SharedMap<number, ReversePathFilter>();

  /** The interfaces that are filtered otherwise now. */
  set(ifindex: number | "all", value: number): readonly number[] {
    if (ifindex === "all") {
      this.#all = value;
      return [...this.#own.keys()].filter((known) => this.#settle(known));
    }
    this.#own.set(ifindex, value);
    return this.#settle(ifindex) ? [ifindex] : [];
  }

  /** A link appeared: "all" holds for it even while nothing is known of its own setting. */
  addLink(ifindex: number): void {
    if (!this.#own.has(ifindex)) this.set(ifindex, 0);
  }

  removeOf(ifindex: number): void {
    this.#own.delete(ifindex);
    this.#effective.delete(ifindex);
  }

  adopt(other: ReversePathTable): void {
    this.#all = other.#all;
    this.#own = new Map(other.#own);
    this.#effective = new SharedMap();
    for (const ifindex of this.#own.keys()) this.#settle(ifindex);
  }

  snapshot(): ReadonlyMap<number, ReversePathFilter> {
    return this.#effective.snapshot();
  }

  /** True when the interface is filtered otherwise now. */
  #settle(ifindex: number): boolean {
    const filter = filterOf(Math.max(this.#all, this.#own.get(ifindex) ?? 0));
    if (this.#effective.get(ifindex) === filter) return false;
    if (filter === undefined) this.#effective.delete(ifindex);
    else this.#effective.set(ifindex, filter);
    return true;
  }
}

/** The sysctl takes any integer; all but 0 and 1 act as 2 does (__fib_validate_source). */
function filterOf(value: number): ReversePathFilter | undefined {
  if (value === 0) return undefined;
  return value === 1 ? "strict" : "loose";
}
