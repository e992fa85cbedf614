/**
 * A whole small internet in namespaces: client – edge – ISPs – core – resolvers and targets, and the verbs that break
 * and mend it. Every name and address comes from `pure/topology.ts`; which uplinks there are is the roster's.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import { type BitsPerSecond, type Bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type Change, timed } from "./change.ts";
import { disturb } from "./disturbance.ts";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import { LabNetwork } from "./lab-network.ts";
import type { Flapping } from "./link-switch.ts";
import { authorityFile } from "./pure/authority-plan.ts";
import { parseCounters, type UplinkCounters } from "./pure/counters.ts";
import type { UplinkFaults } from "./pure/faults.ts";
import { hostsFile, resolvConf } from "./pure/host-files.ts";
import { type Directions, type Protocol, protocols } from "./pure/packet-faults.ts";
import { type Ifindexes, mostUplinks, planUplink, type Uplink, type UplinkOptions } from "./pure/topology.ts";
import { buildTopology } from "./topology-builder.ts";
import { type AddOptions, UplinkRoster } from "./uplink-roster.ts";

export interface LabOptions {
  /** How many uplinks, 1…16, or what each one is like; default 3. They are named wan0, wan1, … */
  readonly uplinks?: number | readonly UplinkOptions[];
  /** Default `equal`, as on physical interfaces. */
  readonly ifindexes?: Ifindexes;
}

/** Builds the lab. Throws LAB_UNSUPPORTED, LAB_BAD_REQUEST, LAB_START_FAILED. The caller disposes of it. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const ifindexes = options.ifindexes ?? "equal";
  const uplinks = planUplinks(options.uplinks ?? 3);
  await using unwinding = new AsyncDisposableStack();
  const network = unwinding.use(await LabNetwork.open({ resolvConf: resolvConf(), hostsFile: hostsFile() }));
  const roster = new UplinkRoster(network, ifindexes, await buildTopology(network, ifindexes, uplinks));
  await roster.attach(uplinks);
  unwinding.move();
  return new Lab(network, roster);
}

export class Lab implements AsyncDisposable {
  /** PEM file of the authority that certifies the targets; it is there for programs in edge and client. */
  readonly certificateAuthority: string = authorityFile;
  readonly #network: LabNetwork;
  readonly #roster: UplinkRoster;

  constructor(network: LabNetwork, roster: UplinkRoster) {
    this.#network = network;
    this.#roster = roster;
  }

  get ifindexes(): Ifindexes {
    return this.#roster.ifindexes;
  }

  /** Throws LAB_BAD_REQUEST, which lists the hosts there are. */
  host(name: string): LabHost {
    return this.#network.host(name);
  }

  get hostNames(): readonly string[] {
    return this.#network.hostNames;
  }

  /** By slot. */
  get uplinks(): readonly Uplink[] {
    return this.#roster.uplinks;
  }

  /** The uplink that edge calls `name` now. Throws LAB_BAD_REQUEST, which lists the uplinks there are. */
  uplink(name: string): Uplink {
    return this.#roster.find(name).uplink;
  }

  /** What is wrong with the uplink now. */
  faults(name: string): UplinkFaults {
    const { line, edgeEnd } = this.#roster.find(name);
    return { ...line.faults, ...edgeEnd.faults };
  }

  /** Takes the carrier away from edge: the ISP's end goes down. */
  async cut(name: string): Promise<Change> {
    return this.#roster.find(name).line.cut();
  }

  /** Ends every fault of the uplink, and waits for its lease when it is by DHCP. */
  async heal(name: string): Promise<Change> {
    const { uplink, line, edgeEnd, leases } = this.#roster.find(name);
    const { at } = await line.heal();
    return timed(async () => {
      await edgeEnd.mend(uplink);
      await leases?.restored(uplink);
      return at;
    });
  }

  /** Packets vanish at the ISP, one way (`tx` leaves edge) or both; the carrier stays and the gateway's ARP answers. */
  async blackhole(name: string, which: Directions = "both"): Promise<Change> {
    return this.#roster.find(name).line.blackhole(which);
  }

  /** Drops `percent` of the packets at random, in each direction named. */
  async lose(name: string, percent: number, which: Directions = "both"): Promise<Change> {
    return this.#roster.find(name).line.lose(percent, which);
  }

  /** Narrows each direction to `rate`; a packet waits at most `queue` (default 50 ms). Undefined: no limit. */
  async shape(name: string, rate: BitsPerSecond | undefined, queue: Millis = millis(50)): Promise<Change> {
    return this.#roster.find(name).line.shape(rate === undefined ? undefined : { rate, queue });
  }

  /** A download that fills a slow line's queue: what comes to edge waits for `queue`. Undefined ends it; so does `shape`. */
  async bloat(name: string, queue: Millis | undefined): Promise<Change> {
    return this.#roster.find(name).line.bloat(queue);
  }

  /** Holds packets for `delay` ± `jitter` in each direction, in order. Undefined: no delay. Throws LAB_UNSUPPORTED. */
  async delay(name: string, delay: Millis | undefined, jitter: Millis = millis(0)): Promise<Change> {
    return this.#roster.find(name).line.delay(delay === undefined ? undefined : { delay, jitter });
  }

  /** Takes the carrier away and gives it back, once each `period`, until stopped. */
  async flap(name: string, period: Millis): Promise<Flapping> {
    return this.#roster.find(name).line.flap(period);
  }

  /** A captive portal: HTTP is redirected to its page, names resolve, everything else is swallowed. */
  async portal(name: string): Promise<Change> {
    return this.#roster.find(name).line.portal();
  }

  /** Every TCP connection is accepted by the ISP: TLS for another name, silence to all else. Names resolve, no more. */
  async interceptTcp(name: string): Promise<Change> {
    return this.#roster.find(name).line.interceptTcp();
  }

  /** Every DNS question, of whatever server, is answered with the address of the ISP's page; the rest works. */
  async hijackDns(name: string): Promise<Change> {
    return this.#roster.find(name).line.answerDns({ kind: "forged" });
  }

  /** Every DNS answer comes so much later. */
  async slowDns(name: string, by: Millis = seconds(3)): Promise<Change> {
    return this.#roster.find(name).line.answerDns({ kind: "late", by });
  }

  /** Both directions swallow the protocol; neighbour discovery, ARP and DHCP stay. */
  async no(name: string, protocol: Protocol): Promise<Change> {
    return this.#roster.find(name).line.swallow([protocol]);
  }

  /** Both directions swallow every protocol but this one. */
  async only(name: string, protocol: Protocol): Promise<Change> {
    return this.#roster.find(name).line.swallow(protocols.filter((other) => other !== protocol));
  }

  /** The gateway answers, to echoes too, and everything beyond it is swallowed. */
  async deafen(name: string): Promise<Change> {
    return this.#roster.find(name).line.deafen();
  }

  /** Both directions swallow that family; its addresses, routes and neighbours stay. */
  async kill(name: string, family: Family): Promise<Change> {
    return this.#roster.find(name).line.kill(family);
  }

  /** Both directions swallow IP packets of more than `largest` octets and tell nobody. Undefined: any size passes. */
  async mtu(name: string, largest: Bytes | undefined): Promise<Change> {
    return this.#roster.find(name).line.limitSize(largest);
  }

  /** DHCP is not answered any more; resolves when the lease has run out and edge has given its IPv4 address up. */
  async expire(name: string): Promise<Change> {
    const { uplink, line, leases } = this.#roster.findLeased(name);
    return timed(async () => {
      const { at } = await line.withholdLeases();
      await leases.expired(uplink);
      return at;
    });
  }

  /** Edge's kernel drops IPv4 packets that it would not answer by this interface: strict rp_filter. */
  async strict(name: string): Promise<Change> {
    const { uplink, edgeEnd } = this.#roster.find(name);
    return edgeEnd.strict(uplink);
  }

  /** Takes edge's default routes by the uplink away; its addresses stay. */
  async unroute(name: string): Promise<Change> {
    const { uplink, edgeEnd } = this.#roster.find(name);
    return edgeEnd.unroute(uplink);
  }

  /**
   * A new subnet, address and gateway; `at` is just before edge changes. By DHCP the server gives them at the next
   * renewal: `at` is just before the server knows them, and it resolves when edge has them.
   */
  async renumber(name: string): Promise<Change> {
    return timed(() => this.#roster.renumber(name));
  }

  /** One more uplink; `at` is just before its interface appears on edge. Throws LAB_BAD_REQUEST when 16 are there. */
  async add(options: AddOptions = {}): Promise<Change & { readonly uplink: Uplink }> {
    const uplink = this.#roster.plan(options);
    const change = await timed(() => this.#roster.connect(uplink));
    await this.#roster.attach([uplink]);
    return { ...change, uplink };
  }

  /** Takes the uplink's interface away; `at` is just before. */
  async remove(name: string): Promise<Change> {
    await this.#roster.find(name).line.calm();
    return timed(() => this.#roster.remove(name));
  }

  /** Edge calls the uplink by another name from now on, and so does the lab; `at` is just before. */
  async rename(name: string, newName: string): Promise<Change> {
    return timed(() => this.#roster.rename(name, newName));
  }

  /** What the uplink's ISP counted since the uplink was there. */
  async counters(name: string): Promise<UplinkCounters> {
    const { isp } = this.uplink(name);
    const listed = await this.host(isp).exec("nft", ["--json", "list", "table", "inet", "lab"]);
    return parseCounters(listed.stdout);
  }

  /** Link events in networks that have nothing to do with edge: what trips the kernel's machine-wide throttle. */
  async disturb(every: Millis): Promise<Flapping> {
    return disturb(this.#network, every);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#network[Symbol.asyncDispose]();
  }
}

function planUplinks(wanted: number | readonly UplinkOptions[]): readonly Uplink[] {
  const list = typeof wanted === "number" ? Array.from({ length: wanted }, (): UplinkOptions => ({})) : wanted;
  if (list.length < 1 || list.length > mostUplinks) {
    throw new LabError("LAB_BAD_REQUEST", `a lab has 1 to ${mostUplinks} uplinks, not ${list.length}`);
  }
  return list.map((options, slot) => planUplink(slot, `wan${slot}`, 0, options));
}
