/**
 * How long this host's IPv6 addresses are preferred and valid, as the kernel says, and what is kept of how it was. An address
 * whose preferred lifetime is over is deprecated: valid, but not what a new flow begins with (RFC 4862 §5.5.4).
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";

/** What is left of it; the kernel counts in whole seconds. */
export type Lifetime = Millis | "forever";

/** The kernel has an IPv6 address once on an interface, whatever its prefix. */
export interface OwnAddress {
  readonly ifindex: number;
  readonly address: IpAddress;
}

export interface LivingAddress extends OwnAddress {
  /** Zero: it is deprecated. */
  readonly preferred: Lifetime;
  readonly valid: Lifetime;
}

/** An address with what must be said of it again by whoever changes it, for the kernel resets what is left out. */
export interface StandingAddress extends LivingAddress {
  readonly prefixLength: number;
  /** The far end of a point-to-point address, else the address itself. */
  readonly peer: IpAddress;
  /** In the words of ip-address(8). */
  readonly flags: readonly AddressFlag[];
}

export type AddressFlag = "nodad" | "home" | "mngtmpaddr" | "noprefixroute";

/** Survives whatever ends the process. Throws when it cannot. `all` are addresses that we deprecated, as they were before. */
export interface LifetimeJournal {
  all(): readonly LivingAddress[];
  put(before: LivingAddress): void;
  remove(address: OwnAddress): void;
}

export interface AddressLifetimes extends Disposable {
  /** Undefined when this host has no such address. Throws HOST_NETLINK. */
  read(address: OwnAddress): LivingAddress | undefined;
  /** Changes nothing else about the address. Undefined when it is done, else the system's words. */
  prefer(address: OwnAddress, preferred: Lifetime): string | undefined;
}
