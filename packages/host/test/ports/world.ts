/** A network that a test can move, and watch: what the contract is told on. */
import type { LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { NetworkReader, NetworkWatch, NetworkWatchOptions } from "@ropewalk/host/ports";
import type { Family } from "@ropewalk/kernel/addresses";

/** A step that changes the network; several in one call reach the watch as one batch. */
export type Step =
  | { readonly kind: "add-link"; readonly name: string }
  | { readonly kind: "remove-link"; readonly name: string }
  | { readonly kind: "carrier"; readonly name: string; readonly on: boolean }
  | { readonly kind: "enabled"; readonly name: string; readonly on: boolean }
  | { readonly kind: "rename"; readonly name: string; readonly to: string }
  | { readonly kind: "mtu"; readonly name: string; readonly octets: number }
  | { readonly kind: "skip-dead-routes"; readonly name: string; readonly family: Family; readonly on: boolean }
  | {
      readonly kind: "reverse-path-filter";
      readonly name: string;
      readonly filter: "off" | "strict" | "loose";
    }
  | { readonly kind: "add-address" | "remove-address"; readonly name: string; readonly prefix: string }
  | {
      readonly kind: "set-route" | "remove-route";
      readonly name: string;
      readonly to: string;
      readonly via: string;
      readonly metric: number;
      readonly source?: string;
    };

export interface World extends AsyncDisposable {
  readonly watch: NetworkWatch;
  readonly reader: NetworkReader;
  /** Links that are added are enabled and have carrier. */
  perform(...steps: readonly Step[]): void;
  /** Performs the steps in such a way that the watch cannot hear of them. */
  performUnheard(...steps: readonly Step[]): void;
  /** A router on the link announces servers for `lifetimeSeconds`. */
  announceDns(name: string, servers: readonly string[], lifetimeSeconds: number): void;
}

export type WorldFactory = (options: NetworkWatchOptions) => Promise<World>;

export function linkNamed(facts: NetworkFacts, name: string): LinkFacts | undefined {
  return [...facts.links.values()].find((link) => link.name === name);
}
