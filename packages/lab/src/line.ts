/**
 * What an ISP does to one uplink: the faults in force, and the programs that make them. A verb replaces what the same
 * verb did before; `heal` ends them all.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import { type Change, timed } from "./change.ts";
import { LabError } from "./errors.ts";
import { IspPrograms } from "./isp-programs.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabNetwork } from "./lab-network.ts";
import type { Flapping } from "./link-switch.ts";
import type { Credentials } from "./pure/authority-plan.ts";
import type { Delay } from "./pure/delay-line.ts";
import { faultRules } from "./pure/fault-rules.ts";
import type { LineFaults } from "./pure/faults.ts";
import { neighbourLines } from "./pure/filler-plan.ts";
import {
  type Directions,
  type DnsFault,
  noPacketFaults,
  type PacketFaults,
  type Protocol,
  withBlackhole,
  withLoss,
} from "./pure/packet-faults.ts";
import {
  type Narrowing,
  narrowingCommands,
  type Shape,
  standingQueue,
  type TcCommand,
  wideningCommands,
} from "./pure/shape-plan.ts";
import { interfaces, type Uplink } from "./pure/topology.ts";
import { Relay } from "./relay.ts";

export class Line {
  readonly #network: LabNetwork;
  readonly #host: LabHost;
  readonly #slot: number;
  readonly #programs: IspPrograms;
  #faults: LineFaults = { carrier: "steady", packets: noPacketFaults, narrowing: undefined, delay: undefined };
  #changes = 0;
  #relay: Relay | undefined;
  #flapping: Flapping | undefined;

  constructor(network: LabNetwork, { isp, slot }: Pick<Uplink, "isp" | "slot">, impostor: Credentials) {
    this.#network = network;
    this.#host = network.host(isp);
    this.#slot = slot;
    this.#programs = new IspPrograms(this.#host, slot, impostor);
  }

  get faults(): LineFaults {
    return this.#faults;
  }

  async cut(): Promise<Change> {
    await this.#flapping?.stop();
    return this.#switch(false);
  }

  async heal(): Promise<Change> {
    await this.#flapping?.stop();
    const { at } = await this.#switch(true);
    return timed(async () => {
      await this.calm();
      return at;
    });
  }

  /** Ends every fault but a cut. */
  async calm(): Promise<void> {
    await this.#flapping?.stop();
    this.#flapping = undefined;
    if (this.#faults.packets !== noPacketFaults) await this.#apply(() => noPacketFaults);
    await this.#narrow(undefined);
    await this.#programs[Symbol.asyncDispose]();
    await this.delay(undefined);
  }

  blackhole(which: Directions): Promise<Change> {
    return this.#apply((faults) => withBlackhole(faults, which));
  }

  async lose(percent: number, which: Directions): Promise<Change> {
    requireWithin(percent, 0, 100, "a percentage");
    return this.#apply((faults) => withLoss(faults, percent, which));
  }

  async portal(): Promise<Change> {
    await this.#programs.page();
    return this.#apply((faults) => ({ ...faults, web: "portal" }));
  }

  async interceptTcp(): Promise<Change> {
    await this.#programs.impostor();
    return this.#apply((faults) => ({ ...faults, tcp: "impostor" }));
  }

  async answerDns(dns: DnsFault): Promise<Change> {
    if (dns.kind === "forged") await this.#programs.page();
    await this.#programs.resolver(dns);
    return this.#apply((faults) => ({ ...faults, dns }));
  }

  swallow(protocols: readonly Protocol[]): Promise<Change> {
    return this.#apply((faults) => ({ ...faults, swallowed: [...new Set([...faults.swallowed, ...protocols])] }));
  }

  deafen(): Promise<Change> {
    return this.#apply((faults) => ({ ...faults, beyond: "deaf" }));
  }

  kill(family: Family): Promise<Change> {
    return this.#apply((faults) => ({ ...faults, deadFamilies: [...new Set([...faults.deadFamilies, family])] }));
  }

  /** Undefined: any size passes. */
  async limitSize(largest: Bytes | undefined): Promise<Change> {
    // RFC 791 §3.2: every module must be able to forward 68 octets; the links take 1500.
    if (largest !== undefined) requireWithin(largest, 68, 1500, "a size of packets in octets");
    return this.#apply((faults) => ({ ...faults, largest }));
  }

  withholdLeases(): Promise<Change> {
    return this.#apply((faults) => ({ ...faults, leases: "withheld" }));
  }

  /** Undefined takes the shape away. */
  shape(shape: Shape | undefined): Promise<Change> {
    return timed(() => this.#narrow(shape === undefined ? undefined : { kind: "shape", ...shape }));
  }

  /** Returns once the queue is full. Undefined takes it away. */
  async bloat(queue: Millis | undefined): Promise<Change> {
    // Beyond that, not even ARP is answered in time.
    if (queue !== undefined) requireWithin(queue, 100, 5_000, "a queue in milliseconds");
    return timed(async () => {
      await this.#narrow(queue === undefined ? undefined : { kind: "bloat", queue });
      if (queue === undefined) return;
      await this.#network.ip(this.#host.name, neighbourLines(this.#slot));
      await this.#programs.filler(this.#network.host("core"), standingQueue(queue));
    });
  }

  /** Undefined takes the delay away. */
  delay(delay: Delay | undefined): Promise<Change> {
    return timed(async () => {
      if (delay === undefined) {
        await this.#relay?.stop();
        this.#relay = undefined;
      } else if (this.#relay === undefined) this.#relay = await Relay.start(this.#network, this.#host.name, delay);
      else await this.#relay.set(delay);
      this.#faults = { ...this.#faults, delay };
    });
  }

  async flap(period: Millis): Promise<Flapping> {
    await this.#flapping?.stop();
    const flapping = await this.#network.linkSwitch.flap(this.#host, interfaces.customer, period);
    this.#flapping = flapping;
    this.#faults = { ...this.#faults, carrier: "flapping" };
    return {
      stop: async () => {
        const edges = await flapping.stop();
        if (this.#flapping === flapping) this.#faults = { ...this.#faults, carrier: "steady" };
        return edges;
      },
    };
  }

  /** Whatever narrowed the uplink before ends first. */
  async #narrow(narrowing: Narrowing | undefined): Promise<undefined> {
    const before = this.#faults.narrowing;
    await this.#programs.noFiller();
    if (before !== undefined) await this.#tc(wideningCommands(before, this.#host.name));
    this.#faults = { ...this.#faults, narrowing: undefined };
    if (narrowing !== undefined) await this.#tc(narrowingCommands(narrowing, this.#host.name));
    this.#faults = { ...this.#faults, narrowing };
  }

  async #tc(commands: readonly TcCommand[]): Promise<void> {
    await Promise.all(commands.map(({ host, args }) => this.#network.host(host).exec("tc", args)));
  }

  #apply(change: (faults: PacketFaults) => PacketFaults): Promise<Change> {
    return timed(async () => {
      const packets = change(this.#faults.packets);
      this.#changes += 1;
      await this.#network.nft(this.#host.name, faultRules(packets, this.#changes));
      this.#faults = { ...this.#faults, packets };
      return undefined;
    });
  }

  #switch(up: boolean): Promise<Change> {
    this.#flapping = undefined;
    return timed(async () => {
      const at = await this.#network.linkSwitch.set(this.#host, interfaces.customer, up);
      this.#faults = { ...this.#faults, carrier: up ? "steady" : "cut" };
      return at;
    });
  }
}

function requireWithin(value: number, least: number, most: number, what: string): void {
  if (value >= least && value <= most) return;
  throw new LabError("LAB_BAD_REQUEST", `${value} is not ${what}: it takes ${least} to ${most}`);
}
