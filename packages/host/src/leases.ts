/** Leases that Ropewalk itself keeps: for each uplink that was given to it, a DHCP client of its own that asks for an address and goes on renewing it. */
import type { LinkFacts } from "./facts.ts";

/** A link whose addresses are Ropewalk's to get. */
export type GivenLink = Pick<LinkFacts, "ifindex" | "name" | "isEnabled" | "hasCarrier" | "master">;

export type LeaseOutcome =
  /** A client runs and asks for a lease. */
  | { readonly kind: "asking"; readonly name: string }
  /** None runs; it is tried again. */
  | { readonly kind: "refused"; readonly name: string; readonly detail: string }
  /** The lease was given up, its address is gone, and the link is switched as it was. */
  | { readonly kind: "given-back"; readonly name: string }
  /** Something of that could not be done. */
  | { readonly kind: "left"; readonly name: string; readonly detail: string };

/**
 * Whoever opened it disposes it, which ends the clients and leaves the addresses until their leases are over. A client outlives a
 * process that dies, and the next one of the same folder takes its lease over.
 */
export interface LeaseClients extends AsyncDisposable {
  /** A client for each of these, and none for any other: what another one holds is given back. Quick; what takes time is told. */
  want(links: readonly GivenLink[]): void;
  /** What is wanted and is not so. */
  readonly unmet: readonly string[];
  /** Gives up every lease, an earlier process' too; within seconds, and never rejects. */
  purge(): Promise<readonly LeaseOutcome[]>;
}
