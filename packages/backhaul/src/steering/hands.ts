/** What Ropewalk holds the wheel with: everything by which it changes this machine, opened when it takes the wheel. */
import type { AddressLifetimes } from "@ropewalk/host/address-lifetimes";
import type { LeaseClients, LeaseOutcome } from "@ropewalk/host/leases";
import type { FlowMarks } from "@ropewalk/host/linux/flow-marks";
import type { RoutingWriter, RuleWatch } from "@ropewalk/host/ports";
import type { SettingFiles } from "@ropewalk/host/settings";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { LinkDnsOutcome } from "../io/resolved-link-dns.ts";
import type { ResolverFollower } from "../io/resolver-follower.ts";

/** How many were ended; `detail` is what the kernel said of the first that it refused. */
export interface Ended {
  readonly removed: number;
  readonly refused: number;
  readonly detail: string | undefined;
}

/** Traffic of a way that is dead, by what it is known by. */
export interface StrandedTraffic {
  readonly family: Family;
  /** What the way's uplink calls its own; nobody else has them. */
  readonly addresses: ReadonlySet<IpAddress>;
  /** The mark of the way's uplink; 0 when only what has the addresses is to end. */
  readonly mark: number;
}

/** Who hears of what takes longer than the call that began it. */
export interface HandsListeners {
  readonly onNames: (outcome: LinkDnsOutcome) => void;
  readonly onLease: (outcome: LeaseOutcome) => void;
}

/** Whoever opened it disposes it, which changes nothing in the kernel. */
export interface Hands extends AsyncDisposable {
  readonly writer: RoutingWriter;
  readonly rules: RuleWatch;
  readonly settings: SettingFiles;
  readonly lifetimes: AddressLifetimes;
  /** Keeps forwarded flows on the uplink on which they began. */
  readonly marks: FlowMarks;
  /** Undefined when what they hold could not be kept. */
  readonly leases: LeaseClients | undefined;
  /** Undefined when how things were could not be kept. */
  readonly resolvers: ResolverFollower | undefined;
  /** Whether names are to follow traffic; if not, what an earlier run did is given back all the same by a purge. */
  readonly areNamesFollowing: boolean;
  /** Whether this host hands on packets of others; if not, there are no such flows. */
  isForwarding(): boolean;
  /** Ends local sockets that have one of the addresses, save those that were bound to an uplink on purpose. Throws HOST_NETLINK. */
  endSockets(traffic: StrandedTraffic): Ended;
  /**
   * Deletes, at once, what the kernel remembers of flows that bear the marks of these; the numbers are close, and of two families
   * of an uplink told with the first. Only on a kernel that knows marks of flows.
   */
  flushFlows(traffics: readonly StrandedTraffic[]): readonly Ended[];
  /** Deletes what the kernel remembers of forwarded flows of these; what came of it in their order. Throws HOST_NETLINK. */
  endFlows(traffics: readonly StrandedTraffic[]): readonly Ended[];
}
