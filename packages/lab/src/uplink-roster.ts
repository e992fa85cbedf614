/** Which uplinks the lab has, and how they come, change their networks and names, and go. */

import { EdgeEnd } from "./edge-end.ts";
import { LabError } from "./errors.ts";
import type { LabNetwork } from "./lab-network.ts";
import { Leases } from "./leases.ts";
import { Line } from "./line.ts";
import type { Authority } from "./pure/authority-plan.ts";
import { ispAddressLines, renumberEdgeLines } from "./pure/ip-plan.ts";
import { customerRules } from "./pure/nft-plan.ts";
import {
  type Ifindexes,
  interfaces,
  mostUplinks,
  planUplink,
  type Uplink,
  type UplinkOptions,
} from "./pure/topology.ts";
import { attachUplink } from "./topology-builder.ts";

export interface AddOptions extends UplinkOptions {
  /** Default: wan and the lowest free number. */
  readonly name?: string;
}

export interface Attached {
  readonly uplink: Uplink;
  readonly line: Line;
  readonly edgeEnd: EdgeEnd;
  /** Undefined unless it is by DHCP. */
  readonly leases: Leases | undefined;
}

export class UplinkRoster {
  readonly ifindexes: Ifindexes;
  readonly #network: LabNetwork;
  readonly #authority: Authority;
  readonly #attached = new Map<number, Attached>();
  readonly #incarnations = new Map<number, number>();

  constructor(network: LabNetwork, ifindexes: Ifindexes, authority: Authority) {
    this.#network = network;
    this.ifindexes = ifindexes;
    this.#authority = authority;
  }

  /** By slot. */
  get uplinks(): readonly Uplink[] {
    return [...this.#attached.values()].map(({ uplink }) => uplink).toSorted((a, b) => a.slot - b.slot);
  }

  /** Throws LAB_BAD_REQUEST, which lists the uplinks there are. */
  find(name: string): Attached {
    const found = [...this.#attached.values()].find(({ uplink }) => uplink.name === name);
    if (found !== undefined) return found;
    const names = this.uplinks.map((uplink) => uplink.name).join(", ");
    throw new LabError("LAB_BAD_REQUEST", `no uplink is called "${name}"; there are ${names}`);
  }

  /** As `find`. Throws LAB_BAD_REQUEST when the uplink is not by DHCP. */
  findLeased(name: string): Attached & { readonly leases: Leases } {
    const { leases, ...found } = this.find(name);
    if (leases !== undefined) return { ...found, leases };
    throw new LabError("LAB_BAD_REQUEST", `${name} has no lease: it is ${found.uplink.addressing}, not dhcp`);
  }

  /** Takes uplinks whose links are there into the roster, and gets their leases. Throws LAB_UNSUPPORTED, LAB_TIMEOUT. */
  async attach(uplinks: readonly Uplink[]): Promise<void> {
    if (uplinks.some(({ addressing }) => addressing === "dhcp")) await Leases.prepare(this.#network.host("edge"));
    await Promise.all(
      uplinks.map(async (uplink) => {
        const line = new Line(this.#network, uplink, this.#authority.impostor);
        const edgeEnd = new EdgeEnd(this.#network);
        const leases = uplink.addressing === "dhcp" ? await Leases.open(this.#network, uplink) : undefined;
        this.#incarnations.set(uplink.slot, uplink.incarnation);
        this.#attached.set(uplink.slot, { uplink, line, edgeEnd, leases });
      }),
    );
  }

  /** Plans one more. Throws LAB_BAD_REQUEST when 16 are there. */
  plan(options: AddOptions): Uplink {
    const slots = Array.from({ length: mostUplinks }, (_, slot) => slot);
    const slot = slots.find((candidate) => !this.#attached.has(candidate));
    if (slot === undefined) throw new LabError("LAB_BAD_REQUEST", `a lab has at most ${mostUplinks} uplinks`);
    const names = slots.map((number) => `wan${number}`);
    const name = options.name ?? names.find((candidate) => this.#isFree(candidate)) ?? `wan${mostUplinks}`;
    this.#requireFree(name);
    return planUplink(slot, name, (this.#incarnations.get(slot) ?? -1) + 1, options);
  }

  /** Makes the link of a planned uplink; returns the time just before its interface appeared. */
  async connect(uplink: Uplink): Promise<bigint> {
    this.#incarnations.set(uplink.slot, uplink.incarnation);
    return attachUplink(this.#network, this.ifindexes, uplink);
  }

  /** Returns the time just before the interface went. */
  async remove(name: string): Promise<bigint> {
    const { uplink, leases } = this.find(name);
    await leases?.close();
    const at = await this.#network.ip("edge", [`link del dev ${name}`]);
    this.#attached.delete(uplink.slot);
    await Promise.all(["edge", uplink.isp].map((host) => this.#network.forgetInterfaces(host)));
    return at;
  }

  /** Returns the time just before. */
  async rename(name: string, newName: string): Promise<bigint> {
    const { uplink, leases } = this.find(name);
    if (leases !== undefined) {
      throw new LabError("LAB_BAD_REQUEST", `${name} is by DHCP, and its client knows the interface by its name`);
    }
    this.#requireFree(newName);
    const at = await this.#network.ip("edge", [`link set dev ${name} name ${newName}`]);
    this.#update({ ...uplink, name: newName });
    await this.#network.forgetInterfaces("edge");
    return at;
  }

  /** Returns the time just before edge changed, or, by DHCP, just before its server did. */
  async renumber(name: string): Promise<bigint> {
    const { uplink: before, leases } = this.find(name);
    const after = { ...before, generation: before.generation + 1 };
    await this.#network.nft(before.isp, customerRules([before, after]));
    await this.#network.ip(before.isp, ispAddressLines("add", after));
    const told = process.hrtime.bigint();
    await leases?.move(before, after);
    const changed = await this.#network.ip("edge", renumberEdgeLines(before, after));
    await this.#network.ip(before.isp, ispAddressLines("del", before));
    await this.#network.nft(before.isp, customerRules([after]));
    this.#update(after);
    return leases === undefined ? changed : told;
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
