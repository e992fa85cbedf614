/**
 * A whole small internet in namespaces: client – edge – ISPs – core – resolvers and targets, and the verbs that break
 * and mend it. Every name and address comes from `pure/topology.ts`; this file owns which uplinks there are.
 */
import { type BitsPerSecond, type Millis, millis } from "@ropewalk/kernel/units";
import { type Change, timed } from "./change.ts";
import { disturb } from "./disturbance.ts";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import { LabNetwork } from "./lab-network.ts";
import { Line } from "./line.ts";
import type { Flapping } from "./link-switch.ts";
import { parseCounters, type UplinkCounters } from "./pure/counters.ts";
import type { LineFaults } from "./pure/faults.ts";
import { hostsFile, resolvConf } from "./pure/host-files.ts";
import { ispAddressLines, renumberEdgeLines } from "./pure/ip-plan.ts";
import { type Directions, ownPrefixRules } from "./pure/nft-plan.ts";
import {
  type Ifindexes,
  interfaces,
  mostUplinks,
  planUplink,
  type Uplink,
  type UplinkOptions,
} from "./pure/topology.ts";
import { attachUplink, buildTopology } from "./topology-builder.ts";

export interface LabOptions {
  /** How many uplinks, 1…16, or what each one is like; default 3. They are named wan0, wan1, … */
  readonly uplinks?: number | readonly UplinkOptions[];
  /** Default `equal`, as on physical interfaces. */
  readonly ifindexes?: Ifindexes;
}

export interface AddOptions extends UplinkOptions {
  /** Default: wan and the lowest free number. */
  readonly name?: string;
}

interface Attached {
  readonly uplink: Uplink;
  readonly line: Line;
}

/** Builds the lab. Throws LAB_UNSUPPORTED, LAB_BAD_REQUEST, LAB_START_FAILED. The caller disposes of it. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const ifindexes = options.ifindexes ?? "equal";
  const uplinks = planUplinks(options.uplinks ?? 3);
  await using unwinding = new AsyncDisposableStack();
  const network = unwinding.use(await LabNetwork.open({ resolvConf: resolvConf(), hostsFile: hostsFile() }));
  await buildTopology(network, ifindexes, uplinks);
  unwinding.move();
  return new Lab(network, ifindexes, uplinks);
}

export class Lab implements AsyncDisposable {
  readonly ifindexes: Ifindexes;
  readonly #network: LabNetwork;
  readonly #attached = new Map<number, Attached>();
  readonly #incarnations = new Map<number, number>();

  constructor(network: LabNetwork, ifindexes: Ifindexes, uplinks: readonly Uplink[]) {
    this.#network = network;
    this.ifindexes = ifindexes;
    for (const uplink of uplinks) this.#attach(uplink);
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
    return [...this.#attached.values()].map(({ uplink }) => uplink).toSorted((a, b) => a.slot - b.slot);
  }

  /** The uplink that edge calls `name` now. Throws LAB_BAD_REQUEST, which lists the uplinks there are. */
  uplink(name: string): Uplink {
    return this.#find(name).uplink;
  }

  /** What is wrong with the uplink now. */
  faults(name: string): LineFaults {
    return this.#find(name).line.faults;
  }

  /** Takes the carrier away from edge: the ISP's end goes down. */
  async cut(name: string): Promise<Change> {
    return this.#find(name).line.cut();
  }

  /** Ends every fault of the uplink: cut, flap, blackhole, loss, shape, delay, portal. */
  async heal(name: string): Promise<Change> {
    return this.#find(name).line.heal();
  }

  /** Packets vanish at the ISP, one way (`tx` leaves edge) or both; the carrier stays and the gateway's ARP answers. */
  async blackhole(name: string, which: Directions = "both"): Promise<Change> {
    return this.#find(name).line.blackhole(which);
  }

  /** Drops `percent` of the packets at random, in each direction named. */
  async lose(name: string, percent: number, which: Directions = "both"): Promise<Change> {
    return this.#find(name).line.lose(percent, which);
  }

  /** Narrows each direction to `rate`; a packet waits at most `queue` (default 50 ms). Undefined: no limit. */
  async shape(name: string, rate: BitsPerSecond | undefined, queue: Millis = millis(50)): Promise<Change> {
    return this.#find(name).line.shape(rate === undefined ? undefined : { rate, queue });
  }

  /** Holds packets for `delay` ± `jitter` in each direction, in order. Undefined: no delay. Throws LAB_UNSUPPORTED. */
  async delay(name: string, delay: Millis | undefined, jitter: Millis = millis(0)): Promise<Change> {
    return this.#find(name).line.delay(delay === undefined ? undefined : { delay, jitter });
  }

  /** Takes the carrier away and gives it back, once each `period`, until stopped. */
  async flap(name: string, period: Millis): Promise<Flapping> {
    return this.#find(name).line.flap(period);
  }

  /** A captive portal: HTTP is redirected to its page, names resolve, everything else is swallowed. */
  async portal(name: string): Promise<Change> {
    return this.#find(name).line.portal();
  }

  /** A new subnet, address and gateway; `at` is just before edge changes. */
  async renumber(name: string): Promise<Change> {
    const { uplink: before } = this.#find(name);
    const after = { ...before, generation: before.generation + 1 };
    await this.#network.nft(before.isp, ownPrefixRules([before, after]));
    await this.#network.ip(before.isp, ispAddressLines("add", after));
    const change = await timed(() => this.#network.ip("edge", renumberEdgeLines(before, after)));
    await this.#network.ip(before.isp, ispAddressLines("del", before));
    await this.#network.nft(before.isp, ownPrefixRules([after]));
    this.#update(after);
    return change;
  }

  /** One more uplink; `at` is just before its interface appears on edge. Throws LAB_BAD_REQUEST when 16 are there. */
  async add(options: AddOptions = {}): Promise<Change & { readonly uplink: Uplink }> {
    const slots = Array.from({ length: mostUplinks }, (_, slot) => slot);
    const slot = slots.find((candidate) => !this.#attached.has(candidate));
    if (slot === undefined) throw new LabError("LAB_BAD_REQUEST", `a lab has at most ${mostUplinks} uplinks`);
    const names = slots.map((number) => `wan${number}`);
    const name = options.name ?? names.find((candidate) => this.#isFree(candidate)) ?? `wan${mostUplinks}`;
    this.#requireFree(name);
    const uplink = planUplink(slot, name, (this.#incarnations.get(slot) ?? -1) + 1, options);
    this.#incarnations.set(slot, uplink.incarnation);
    const change = await timed(() => attachUplink(this.#network, this.ifindexes, uplink));
    this.#attach(uplink);
    return { ...change, uplink };
  }

  /** Takes the uplink's interface away; `at` is just before. */
  async remove(name: string): Promise<Change> {
    const { uplink, line } = this.#find(name);
    await line.calm();
    const change = await timed(() => this.#network.ip("edge", [`link del dev ${name}`]));
    this.#attached.delete(uplink.slot);
    await Promise.all(["edge", uplink.isp].map((host) => this.#network.forgetInterfaces(host)));
    return change;
  }

  /** Edge calls the uplink by another name from now on, and so does the lab; `at` is just before. */
  async rename(name: string, newName: string): Promise<Change> {
    const { uplink } = this.#find(name);
    this.#requireFree(newName);
    const change = await timed(() => this.#network.ip("edge", [`link set dev ${name} name ${newName}`]));
    this.#update({ ...uplink, name: newName });
    await this.#network.forgetInterfaces("edge");
    return change;
  }

  /** What the uplink's ISP counted since the uplink was there. */
  async counters(name: string): Promise<UplinkCounters> {
    const { uplink } = this.#find(name);
    const listed = await this.host(uplink.isp).exec("nft", ["--json", "list", "table", "inet", "lab"]);
    return parseCounters(listed.stdout);
  }

  /** Link events in networks that have nothing to do with edge: what trips the kernel's machine-wide throttle. */
  async disturb(every: Millis): Promise<Flapping> {
    return disturb(this.#network, every);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#network[Symbol.asyncDispose]();
  }

  #find(name: string): Attached {
    const found = [...this.#attached.values()].find(({ uplink }) => uplink.name === name);
    if (found !== undefined) return found;
    const names = this.uplinks.map((uplink) => uplink.name).join(", ");
    throw new LabError("LAB_BAD_REQUEST", `no uplink is called "${name}"; there are ${names}`);
  }

  #attach(uplink: Uplink): void {
    this.#incarnations.set(uplink.slot, uplink.incarnation);
    this.#attached.set(uplink.slot, { uplink, line: new Line(this.#network, uplink.isp) });
  }

  #update(uplink: Uplink): void {
    const found = this.#attached.get(uplink.slot);
    if (found !== undefined) this.#attached.set(uplink.slot, { ...found, uplink });
  }

  #isFree(name: string): boolean {
    return name !== interfaces.lan && name !== "lo" && this.uplinks.every((uplink) => uplink.name !== name);
  }

  #requireFree(name: string): void {
    // IFNAMSIZ is 16 with the final zero (linux/if.h); the rest keeps a name one word of a batch.
    if (/^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/.test(name) && this.#isFree(name)) return;
    throw new LabError("LAB_BAD_REQUEST", `"${name}" is taken, or cannot name an interface`);
  }
}

function planUplinks(wanted: number | readonly UplinkOptions[]): readonly Uplink[] {
  const list = typeof wanted === "number" ? Array.from({ length: wanted }, (): UplinkOptions => ({})) : wanted;
  if (list.length < 1 || list.length > mostUplinks) {
    throw new LabError("LAB_BAD_REQUEST", `a lab has 1 to ${mostUplinks} uplinks, not ${list.length}`);
  }
  return list.map((options, slot) => planUplink(slot, `wan${slot}`, 0, options));
}
