/**
 * A network in memory for tests: the same tables and the same promises as the real watch, moved by method calls.
 * It drops what the kernel would drop (a removed link takes its addresses and routes along) and concludes nothing else.
 * Listeners are called before a method returns, or once at the end of `together`.
 */
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type {
  DeviceFacts,
  LinkCounters,
  LinkFacts,
  NeighbourFacts,
  NetworkFacts,
  PowerFacts,
  ReversePathFilter,
  RouteFacts,
  RuleFacts,
} from "../facts.ts";
import type { NetworkChange, NetworkReader, NetworkWatch, NetworkWatchCounts, NetworkWatchOptions } from "../ports.ts";
import { ChangeFeed, type ChangeOrigin } from "../tables/change-feed.ts";
import type { NetworkEvent, ObservedLink, ObservedRoute } from "../tables/network-event.ts";
import { NetworkTable } from "../tables/network-table.ts";
import {
  defaultDevice,
  defaultLink,
  type FakeAddress,
  type FakeRoute,
  isReplaced,
  noTraffic,
  observedAddress,
  observedRoute,
} from "./fake-defaults.ts";

export class FakeNetwork implements NetworkWatch, NetworkReader {
  readonly #table: NetworkTable;
  readonly #feed: ChangeFeed;
  readonly #clock: Clock;
  readonly #routes = new Set<ObservedRoute>();
  readonly #devices = new Map<number, DeviceFacts>();
  readonly #counters = new Map<number, LinkCounters>();
  #rules: readonly RuleFacts[] = [];
  #neighbours: readonly NeighbourFacts[] = [];
  #power: PowerFacts = { mains: "unknown", batteryPercent: undefined };
  #counts = { messages: 0, undecodable: 0, resyncs: 0, carrierPolls: 0, carrierEdgesByPoll: 0, unpolledLinks: 0 };
  #closely: ReadonlySet<number> = new Set();
  #nextIfindex = 2;
  #depth = 0;
  #areEventsLost = false;

  constructor(clock: Clock, options: NetworkWatchOptions = { keepRoute: () => true }) {
    this.#clock = clock;
    this.#table = new NetworkTable(options.keepRoute);
    this.#feed = new ChangeFeed(this.#table, clock);
  }

  get facts(): NetworkFacts {
    return this.#table.facts;
  }

  get counts(): NetworkWatchCounts {
    return { ...this.#counts };
  }

  /** The interfaces that `pollClosely` last named. */
  get closelyPolled(): ReadonlySet<number> {
    return this.#closely;
  }

  subscribe(listener: (change: NetworkChange) => void): Disposable {
    return this.#feed.subscribe(listener);
  }

  /** There is nothing that waits. */
  catchUp(): void {}

  pollClosely(ifindexes: ReadonlySet<number>): void {
    this.#closely = new Set(ifindexes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed.close();
  }

  /** Everything that `work` does reaches listeners as one batch of the kernel would. */
  together(work: () => void): void {
    this.#depth += 1;
    try {
      work();
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#feed.flush();
    }
  }

  /** Adds an enabled Ethernet link with carrier and a MAC address of its own, changed by `link`. */
  addLink(link: Partial<ObservedLink> & { readonly name: string }): LinkFacts {
    const ifindex = link.ifindex ?? this.#nextIfindex;
    this.#nextIfindex = Math.max(this.#nextIfindex, ifindex) + 1;
    this.#apply({ kind: "link", link: { ...defaultLink(ifindex), ...link } });
    return this.#link(ifindex);
  }

  /** Changes anything about a link. A link that is not enabled has no carrier and loses its routes, as in the kernel. */
  changeLink(ifindex: number, change: Partial<Omit<ObservedLink, "ifindex">>): void {
    this.together(() => {
      const { carrierChangedAt: _fromTable, ...old } = this.#link(ifindex);
      const link = { ...old, ...change };
      this.#apply({ kind: "link", link: { ...link, hasCarrier: link.hasCarrier && link.isEnabled } });
      if (!link.isEnabled) this.#dropRoutesOf(ifindex);
    });
  }

  /** `origin` "carrier-poll" plays an edge that the poll saw and no event told of. */
  setCarrier(ifindex: number, hasCarrier: boolean, origin: ChangeOrigin = "events"): void {
    const isEdge = this.#link(ifindex).hasCarrier !== hasCarrier;
    if (isEdge && origin === "carrier-poll") this.#counts.carrierEdgesByPoll += 1;
    this.#apply({ kind: "carrier", ifindex, hasCarrier }, origin);
  }

  rename(ifindex: number, name: string): void {
    this.changeLink(ifindex, { name });
  }

  removeLink(ifindex: number): void {
    this.together(() => {
      this.#link(ifindex);
      this.#dropRoutesOf(ifindex);
      this.#devices.delete(ifindex);
      this.#counters.delete(ifindex);
      this.#apply({ kind: "link-removed", ifindex });
    });
  }

  /** `prefix` as `ip address add` takes it: "192.0.2.2/24". */
  addAddress(ifindex: number, prefix: string, address: FakeAddress = {}): void {
    this.#link(ifindex);
    this.#apply({ kind: "address", address: observedAddress(ifindex, prefix, address) });
  }

  /** Routes whose preferred source it was go too, as IPv4's do in the kernel. */
  removeAddress(ifindex: number, prefix: string): void {
    this.together(() => {
      const address = observedAddress(ifindex, prefix, {});
      this.#apply({ kind: "address-removed", address });
      this.#dropRoutes((route) => route.preferredSource === address.facts.address);
    });
  }

  /** Adds the route, or replaces the one with the same destination, table and metric. */
  addRoute(route: FakeRoute): void {
    const observed = observedRoute(route);
    for (const old of this.#routes) if (isReplaced(old.facts, observed.facts)) this.#routes.delete(old);
    this.#routes.add(observed);
    this.#apply({ kind: "route", route: observed, isReplacement: true });
  }

  /** Removes the route with the destination, table and metric of `route`. */
  removeRoute(route: FakeRoute): void {
    const wanted = observedRoute(route);
    const found = [...this.#routes].find((old) => isReplaced(old.facts, wanted.facts));
    if (found === undefined) throw new InternalError(`the fake network has no such route: ${JSON.stringify(route)}`);
    this.#routes.delete(found);
    this.#apply({ kind: "route-removed", route: found });
  }

  /** As writing net.FAMILY.conf.INTERFACE.ignore_routes_with_linkdown does. */
  skipDeadRoutes(family: Family, ifindex: number | "all", skipsDeadRoutes: boolean): void {
    this.#apply({ kind: "link-settings", family, ifindex, skipsDeadRoutes, reversePathFilter: undefined });
  }

  /** As writing net.ipv4.conf.INTERFACE.rp_filter does; of an interface's own and that of "all" the larger takes effect. */
  setReversePathFilter(ifindex: number | "all", filter: "off" | ReversePathFilter): void {
    const reversePathFilter = ["off", "strict", "loose"].indexOf(filter);
    this.#apply({ kind: "link-settings", family: "ipv4", ifindex, skipsDeadRoutes: undefined, reversePathFilter });
  }

  /** A router announces resolvers. Zero withdraws them, undefined means for ever. */
  routerDns(ifindex: number, servers: readonly string[], lifetime: Millis | undefined): void {
    this.#apply({ kind: "router-dns", ifindex, servers: servers.map(ipAddress), lifetime });
  }

  /** Events are lost: what `unseen` does is told by the resync alone. */
  loseEvents(cause: string, unseen: () => void = () => {}): void {
    this.#feed.flush();
    this.#areEventsLost = true;
    try {
      this.together(unseen);
    } finally {
      this.#areEventsLost = false;
    }
    this.#counts.resyncs += 1;
    this.#feed.resynced(cause);
  }

  setDevice(ifindex: number, device: DeviceFacts): void {
    this.#devices.set(ifindex, device);
  }

  setCounters(ifindex: number, counters: LinkCounters): void {
    this.#counters.set(ifindex, counters);
  }

  setRules(rules: readonly RuleFacts[]): void {
    this.#rules = rules;
  }

  setNeighbours(neighbours: readonly NeighbourFacts[]): void {
    this.#neighbours = neighbours;
  }

  setPower(power: PowerFacts): void {
    this.#power = power;
  }

  counters(): ReadonlyMap<number, LinkCounters> {
    return new Map([...this.facts.links.keys()].map((ifindex) => [ifindex, this.#counters.get(ifindex) ?? noTraffic]));
  }

  rules(): readonly RuleFacts[] {
    return this.#rules;
  }

  neighbours(): readonly NeighbourFacts[] {
    return this.#neighbours;
  }

  device(name: string): DeviceFacts | undefined {
    const link = [...this.facts.links.values()].find((candidate) => candidate.name === name);
    return link === undefined ? undefined : (this.#devices.get(link.ifindex) ?? defaultDevice(link));
  }

  power(): PowerFacts {
    return this.#power;
  }

  #apply(event: NetworkEvent, origin: ChangeOrigin = "events"): void {
    if (this.#areEventsLost) {
      this.#table.apply(event, this.#clock.now());
      return;
    }
    this.#counts.messages += 1;
    this.#feed.apply(event, origin);
    if (this.#depth === 0) this.#feed.flush();
  }

  #link(ifindex: number): LinkFacts {
    const link = this.facts.links.get(ifindex);
    if (link === undefined) throw new InternalError(`the fake network has no link ${ifindex}`);
    return link;
  }

  #dropRoutesOf(ifindex: number): void {
    this.#dropRoutes((route) => route.nextHops.every((hop) => hop.ifindex === ifindex));
  }

  #dropRoutes(isDropped: (route: RouteFacts) => boolean): void {
    for (const route of this.#routes) {
      if (!isDropped(route.facts)) continue;
      this.#routes.delete(route);
      this.#apply({ kind: "route-removed", route });
    }
  }
}
