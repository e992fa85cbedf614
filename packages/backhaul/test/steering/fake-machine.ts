/**
 * A machine in memory that Ropewalk may change: links, everybody's routes and rules, settings, and what was ended on it. It refuses
 * what the kernel would refuse, and whatever else a test wants refused.
 */
import { nothingPending } from "@ropewalk/backhaul/pure/pending-names";
import type { Ended, Hands, StrandedTraffic } from "@ropewalk/backhaul/steering/hands";
import type { PlanReader } from "@ropewalk/backhaul/steering/plan-reader";
import type { OwnAddress, StandingAddress } from "@ropewalk/host/address-lifetimes";
import { routingProtocol } from "@ropewalk/host/allocations";
import type { LinkFacts } from "@ropewalk/host/facts";
import { FakeLifetimes } from "@ropewalk/host/fake/fake-lifetimes";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { FakeRouting, type Traveller } from "@ropewalk/host/fake/fake-routing";
import { flowMarkRules, replaceTable } from "@ropewalk/host/flow-mark-ruleset";
import type { FlowMarksOutcome, FlowMarksRepair } from "@ropewalk/host/linux/flow-marks";
import type { WriteResult } from "@ropewalk/host/ports";
import type { PresentRouting, RoutingChange, WantedRoute } from "@ropewalk/host/routing";
import { type Setting, settingPath, type WantedSetting } from "@ropewalk/host/settings";
import { formatPrefix } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { Listeners } from "@ropewalk/kernel/listeners";

export const errnos = { EPERM: 1, ESRCH: 3, EEXIST: 17, ENODEV: 19, EINVAL: 22, ENOBUFS: 105 } as const;

export function refused(errno: number): WriteResult {
  return { kind: "refused", errno, text: undefined };
}

const nothingEnded: Ended = { removed: 0, refused: 0, detail: undefined };

export class FakeMachine {
  readonly clock: FakeClock = new FakeClock();
  readonly network: FakeNetwork = new FakeNetwork(this.clock);
  readonly lifetimes: FakeLifetimes = new FakeLifetimes(this.clock);
  readonly ended: StrandedTraffic[] = [];
  /** The marks by which flows were deleted. */
  readonly flushed: number[] = [];
  /** Every route, rule and setting that was written or refused, in order. */
  readonly writes: (RoutingChange | WantedSetting)[] = [];
  readonly #rules = new FakeRouting();
  readonly #settings = new Map<string, number>();
  readonly #markRepairs = new Listeners<[FlowMarksRepair]>();
  /** Called before each write of a route or rule, which is not made when it answers. */
  onWrite: (change: RoutingChange, index: number) => WriteResult | undefined = () => undefined;
  /** What the system says to each write of a setting. */
  settingFault: string | undefined;
  leases: Hands["leases"];
  endSockets: () => Ended = () => nothingEnded;
  /** What nft says, when it says it. */
  nft: () => Promise<FlowMarksOutcome> = async () => ({ kind: "done" });
  #marked: readonly number[] = [];
  readonly #prefixes = new Map<string, string>();

  constructor() {
    this.lifetimes.onChange = ({ ifindex, address }, isDeprecated) => {
      const prefix = this.#prefixes.get(`${ifindex} ${address}`);
      if (prefix !== undefined) this.network.addAddress(ifindex, prefix, { isDeprecated });
    };
  }

  /** The interface of the uplink with this slot, as `uplink` of the fixture has it, with a default route of somebody's. */
  addUplink(slot: number, addresses: readonly string[] = [`10.0.${slot}.2/24`, `2001:db8:${slot}::2/64`]): LinkFacts {
    const link = this.network.addLink({ name: `wan${slot}`, ifindex: 10 + slot });
    for (const address of addresses) this.addAddress(link.ifindex, address);
    this.network.addRoute({ ifindex: link.ifindex, metric: 100 * slot });
    return link;
  }

  /** Preferred and valid for ever. */
  addAddress(ifindex: number, prefix: string): void {
    this.network.addAddress(ifindex, prefix);
    const { address, family } = this.network.facts.addresses.at(-1) ?? {};
    if (address === undefined || family !== "ipv6") return;
    this.#prefixes.set(`${ifindex} ${address}`, prefix);
    this.lifetimes.set({ ifindex, address, preferred: "forever", valid: "forever" });
  }

  get hands(): Hands {
    return {
      writer: { perform: (change) => this.#perform(change), [Symbol.dispose]: () => {} },
      rules: this.#rules,
      settings: {
        read: (setting) => this.#readSetting(setting),
        write: (wanted) => this.#writeSetting(wanted),
      },
      lifetimes: this.lifetimes,
      endSockets: (traffic) => {
        this.ended.push(traffic);
        return this.endSockets();
      },
      flushFlows: (traffics) => {
        this.flushed.push(...traffics.map(({ mark }) => mark));
        return traffics.map(() => nothingEnded);
      },
      endFlows: (traffics) => traffics.map(() => nothingEnded),
      marks: {
        want: (uplinks) => this.#mark(uplinks.map(({ mark }) => mark)),
        purge: () => this.#mark([]),
        subscribe: (listener) => this.#markRepairs.add(listener),
        [Symbol.asyncDispose]: async () => {},
      },
      isForwarding: () => true,
      leases: this.leases,
      resolvers: undefined,
      areNamesFollowing: false,
      [Symbol.asyncDispose]: async () => {},
    };
  }

  /** How it is, for a plan. Nobody keeps its list of resolvers. */
  get planReader(): PlanReader {
    return {
      rules: () => this.#rules.rules,
      setting: (setting) => this.#readSetting(setting),
      names: () => nothingPending,
      address: (own) => this.#standing(own),
      marks: (uplinks) => {
        const isMarked = JSON.stringify(uplinks.map(({ mark }) => mark)) === JSON.stringify(this.#marked);
        return isMarked ? undefined : replaceTable(flowMarkRules(uplinks), "test");
      },
    };
  }

  get present(): PresentRouting {
    return { routes: this.network.facts.routes, rules: this.#rules.rules };
  }

  /** Everything that may be changed here, comparable. */
  get all(): unknown {
    const { routes, rules } = this.present;
    const sorted = (objects: readonly unknown[]) => objects.map((one) => JSON.stringify(one)).toSorted();
    return {
      routes: sorted(routes),
      rules: sorted(rules),
      settings: sorted([...this.#settings]),
      addresses: sorted(this.network.facts.addresses),
      marked: this.#marked,
    };
  }

  /** By which interface the packet leaves; undefined when it does not. */
  out(traveller: Traveller): number | undefined {
    const kernel = new FakeRouting(this.present);
    const { links, deadRoutes } = this.network.facts;
    for (const { ifindex, hasCarrier } of links.values()) {
      if (!hasCarrier && deadRoutes[traveller.family].skippedOn.has(ifindex)) kernel.withoutCarrier.add(ifindex);
    }
    return kernel.lookup(traveller)?.nextHops[0]?.ifindex;
  }

  /** Somebody else changed the marks of flows, and this came of it. */
  repairMarks(repair: FlowMarksRepair): void {
    this.#markRepairs.emit(repair);
  }

  #perform(change: RoutingChange): WriteResult {
    this.writes.push(change);
    const answer = this.onWrite(change, this.writes.length);
    if (answer !== undefined) return answer;
    if ("rule" in change) return this.#rules.perform(change);
    const refusal = change.kind === "remove-route" ? undefined : this.#refusalOf(change.route);
    if (refusal !== undefined) return refusal;
    const result = new FakeRouting(this.present).perform(change);
    if (result.kind === "done") this.#reflect(change);
    return result;
  }

  /** Source: fib_create_info in net/ipv4/fib_semantics.c. */
  #refusalOf({ ways, preferredSource }: WantedRoute): WriteResult | undefined {
    const { links, addresses } = this.network.facts;
    if (ways.some(({ ifindex }) => !links.has(ifindex))) return refused(errnos.ENODEV);
    const isOwn = preferredSource === undefined || addresses.some(({ address }) => address === preferredSource);
    return isOwn ? undefined : refused(errnos.EINVAL);
  }

  #reflect({ kind, route }: Extract<RoutingChange, { readonly route: WantedRoute }>): void {
    const { destination, table, metric, preferredSource, ways } = route;
    const nowhere = { ifindex: undefined, gateway: undefined, weight: 1 };
    const written = {
      to: formatPrefix(destination),
      ...{ table, metric, protocol: routingProtocol },
      ...(preferredSource === undefined ? {} : { preferredSource }),
      type: ways.length > 0 ? "unicast" : "unreachable",
      nextHops: (ways.length > 0 ? ways : [nowhere]).map((way) => ({
        ...{ ifindex: way.ifindex, gateway: way.gateway, weight: way.weight, isDead: false },
      })),
    } as const;
    if (kind === "remove-route") this.network.removeRoute(written);
    else this.network.addRoute(written);
  }

  #standing(own: OwnAddress): StandingAddress | undefined {
    const living = this.lifetimes.read(own);
    const isSame = ({ ifindex, address }: OwnAddress) => ifindex === own.ifindex && address === own.address;
    const facts = this.network.facts.addresses.find(isSame);
    if (living === undefined || facts === undefined) return undefined;
    return { ...living, prefixLength: facts.prefixLength, peer: own.address, flags: [] };
  }

  async #mark(marks: readonly number[]): Promise<FlowMarksOutcome> {
    const outcome = await this.nft();
    if (outcome.kind === "done") this.#marked = marks;
    return outcome;
  }

  #readSetting(setting: Setting): number | undefined {
    return this.#hasSetting(setting) ? (this.#settings.get(settingPath(setting)) ?? 0) : undefined;
  }

  #writeSetting(wanted: WantedSetting): string | undefined {
    this.writes.push(wanted);
    if (!this.#hasSetting(wanted) || this.settingFault !== undefined) return this.settingFault ?? "no such file";
    const { family, name, value } = wanted;
    if (value === 0) this.#settings.delete(settingPath(wanted));
    else this.#settings.set(settingPath(wanted), value);
    const link = wanted.kind === "interface" ? this.#linkNamed(wanted.interfaceName) : undefined;
    if (link !== undefined && name === "ignore_routes_with_linkdown") {
      this.network.skipDeadRoutes(family, link.ifindex, value !== 0);
    }
    if (link !== undefined && name === "rp_filter") {
      this.network.setReversePathFilter(link.ifindex, value === 0 ? "off" : value === 1 ? "strict" : "loose");
    }
    return undefined;
  }

  #hasSetting(setting: Setting): boolean {
    return setting.kind === "host" || this.#linkNamed(setting.interfaceName) !== undefined;
  }

  #linkNamed(name: string): LinkFacts | undefined {
    return [...this.network.facts.links.values()].find((link) => link.name === name);
  }
}
