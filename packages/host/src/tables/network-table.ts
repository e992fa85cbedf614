/**
 * The whole picture of the network, moved by events. It keeps the kernel's unspoken rules: what goes with a link, and
 * after which events the kernel drops routes without telling.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { NetworkFacts, RouteFacts } from "../facts.ts";
import { AddressTable } from "./address-table.ts";
import { DeadRouteTable } from "./dead-route-table.ts";
import { LinkTable } from "./link-table.ts";
import type { LinkSettings, NetworkEvent, ObservedLink } from "./network-event.ts";
import { ReversePathTable } from "./reverse-path-table.ts";
import { type RouteOutcome, RouteTable } from "./route-table.ts";
import { RouterDnsTable } from "./router-dns-table.ts";

export interface Applied {
  /** Interfaces whose facts are new. */
  readonly ifindexes: readonly number[];
  /** The event does not tell all: routes must be read again. */
  readonly areRoutesDoubtful: boolean;
}

export class NetworkTable {
  readonly #links = new LinkTable();
  readonly #addresses = new AddressTable();
  readonly #routes: RouteTable;
  readonly #routerDns = new RouterDnsTable();
  readonly #deadRoutes = new DeadRouteTable();
  readonly #reversePaths = new ReversePathTable();
  #facts: NetworkFacts | undefined;

  constructor(keepRoute: (route: RouteFacts) => boolean) {
    this.#routes = new RouteTable(keepRoute, (ifindex) => this.#links.get(ifindex));
  }

  /** The same object until something changes. */
  get facts(): NetworkFacts {
    this.#facts ??= {
      links: this.#links.snapshot(),
      addresses: this.#addresses.snapshot(),
      routes: this.#routes.snapshot(),
      routerDns: this.#routerDns.snapshot(),
      deadRoutes: this.#deadRoutes.snapshot(),
      reversePathFilters: this.#reversePaths.snapshot(),
    };
    return this.#facts;
  }

  apply(event: NetworkEvent, now: Millis): Applied {
    const applied = this.#dispatch(event, now);
    if (applied.ifindexes.length > 0) this.#facts = undefined;
    return applied;
  }

  /** True when the event would move a carrier: down to up, up to down, or a link that comes or goes. */
  movesCarrier(event: NetworkEvent): boolean {
    switch (event.kind) {
      case "link":
        return this.#links.get(event.link.ifindex)?.hasCarrier !== event.link.hasCarrier;
      case "carrier":
        return this.#links.get(event.ifindex)?.hasCarrier === !event.hasCarrier;
      case "link-removed":
        return this.#links.get(event.ifindex) !== undefined;
      case "link-settings":
      case "address":
      case "address-removed":
      case "route":
      case "route-removed":
      case "next-hop":
      case "next-hop-removed":
      case "router-dns":
        return false;
    }
  }

  /** Takes over links, addresses and routes as `other` has them, which was filled by a fresh dump. */
  adopt(other: NetworkTable, now: Millis): ReadonlySet<number> {
    const changed = new Set<number>();
    for (const ifindex of this.#links.snapshot().keys()) {
      if (other.#links.get(ifindex) !== undefined) continue;
      this.#removeLink(ifindex);
      changed.add(ifindex);
    }
    for (const { carrierChangedAt: _ours, ...link } of other.#links.snapshot().values()) {
      if (this.#setLink(link, now).ifindexes.length > 0) changed.add(link.ifindex);
    }
    for (const ifindex of this.#addresses.adopt(other.#addresses)) changed.add(ifindex);
    for (const ifindex of this.adoptRoutes(other)) changed.add(ifindex);
    this.#deadRoutes.adopt(other.#deadRoutes);
    this.#reversePaths.adopt(other.#reversePaths);
    this.#facts = undefined;
    return changed;
  }

  /** Takes over routes and nexthop objects alone; gives the interfaces whose routes differ. */
  adoptRoutes(other: NetworkTable): ReadonlySet<number> {
    const changed = interfacesOf(this.#routes.adopt(other.#routes));
    if (changed.length > 0) this.#facts = undefined;
    return new Set(changed);
  }

  #dispatch(event: NetworkEvent, now: Millis): Applied {
    switch (event.kind) {
      case "link":
        return this.#setLink(event.link, now);
      case "carrier": {
        const link = this.#links.get(event.ifindex);
        return link === undefined ? noChange : this.#setLink({ ...link, hasCarrier: event.hasCarrier }, now);
      }
      case "link-removed":
        return this.#removeLink(event.ifindex);
      case "link-settings":
        return this.#setSettings(event);
      case "address":
        return certain(this.#addresses.set(event.address), event.address.facts.ifindex);
      case "address-removed": {
        const { facts } = event.address;
        // IPv4 drops routes whose preferred source goes (fib_sync_down_addr); Linux 6.18 tells of each, older kernels do not.
        return {
          ...certain(this.#addresses.remove(event.address), facts.ifindex),
          areRoutesDoubtful: facts.family === "ipv4",
        };
      }
      case "route":
        return afterRoute(this.#routes.set(event.route, event.isReplacement));
      case "route-removed":
        return afterRoute(this.#routes.remove(event.route));
      case "next-hop":
        this.#routes.setNextHop(event.nextHop);
        return onlyDoubt;
      case "next-hop-removed":
        this.#routes.removeNextHop(event.id);
        return onlyDoubt;
      case "router-dns":
        return certain(this.#routerDns.announce(event.ifindex, event.servers, event.lifetime, now), event.ifindex);
    }
  }

  #setLink(link: ObservedLink, now: Millis): Applied {
    const old = this.#links.get(link.ifindex);
    const isChanged = this.#links.set({ ...link }, now);
    if (!isChanged) return noChange;
    if (old === undefined) this.#reversePaths.addLink(link.ifindex);
    if (old?.isEnabled !== link.isEnabled || old.hasCarrier !== link.hasCarrier) this.#routes.linkChanged(link.ifindex);
    const isDisabled = old?.isEnabled === true && !link.isEnabled;
    if (isDisabled) this.#routerDns.removeOf(link.ifindex);
    // IPv4 drops the routes of a link that is set down, without telling (fib_disable_ip).
    return { ifindexes: [link.ifindex], areRoutesDoubtful: isDisabled };
  }

  #setSettings({ family, ifindex, skipsDeadRoutes, reversePathFilter }: LinkSettings): Applied {
    const ifindexes = reversePathFilter === undefined ? [] : [...this.#reversePaths.set(ifindex, reversePathFilter)];
    // A change for all interfaces counts as one of interface 0, so that it is a change.
    if (skipsDeadRoutes !== undefined && this.#deadRoutes.set(family, ifindex, skipsDeadRoutes))
      ifindexes.push(ifindex === "all" ? 0 : ifindex);
    return { ifindexes, areRoutesDoubtful: false };
  }

  #removeLink(ifindex: number): Applied {
    this.#addresses.removeOf(ifindex);
    this.#routes.removeOf(ifindex);
    this.#routes.linkChanged(ifindex);
    this.#routerDns.removeOf(ifindex);
    this.#deadRoutes.removeOf(ifindex);
    this.#reversePaths.removeOf(ifindex);
    if (!this.#links.remove(ifindex)) return noChange;
    return { ifindexes: [ifindex], areRoutesDoubtful: true };
  }
}

const noChange: Applied = { ifindexes: [], areRoutesDoubtful: false };
const onlyDoubt: Applied = { ifindexes: [], areRoutesDoubtful: true };

function certain(isChanged: boolean, ifindex: number): Applied {
  return isChanged ? { ifindexes: [ifindex], areRoutesDoubtful: false } : noChange;
}

function afterRoute(outcome: RouteOutcome): Applied {
  return { ifindexes: interfacesOf(outcome.changed), areRoutesDoubtful: outcome.isDoubtful };
}

/** A route that leaves by no interface counts as one of interface 0, so that its change is a change. */
function interfacesOf(routes: readonly RouteFacts[]): number[] {
  return routes.flatMap((route) => route.nextHops.map((hop) => hop.ifindex ?? 0));
}
