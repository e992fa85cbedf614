/**
 * What an ISP does to one uplink: the faults in force, and the programs that make them. A verb replaces what the same
 * verb did before; `heal` ends them all.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { type Change, timed } from "./change.ts";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabNetwork } from "./lab-network.ts";
import type { LabProcess } from "./lab-process.ts";
import type { Flapping } from "./link-switch.ts";
import type { Delay } from "./pure/delay-line.ts";
import type { LineFaults } from "./pure/faults.ts";
import { type Directions, faultRules, noPacketFaults, type PacketFaults } from "./pure/nft-plan.ts";
import { type Shape, shapeCommands } from "./pure/shape-plan.ts";
import { interfaces } from "./pure/topology.ts";
import { Relay } from "./relay.ts";
import { startService } from "./service.ts";

export class Line {
  readonly #network: LabNetwork;
  readonly #host: LabHost;
  #faults: LineFaults = { carrier: "steady", packets: noPacketFaults, shape: undefined, delay: undefined };
  #relay: Relay | undefined;
  #portal: LabProcess | undefined;
  #flapping: Flapping | undefined;

  constructor(network: LabNetwork, isp: string) {
    this.#network = network;
    this.#host = network.host(isp);
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
    if (this.#faults.packets !== noPacketFaults) await this.#apply(noPacketFaults);
    await this.#portal?.[Symbol.asyncDispose]();
    this.#portal = undefined;
    await this.shape(undefined);
    await this.delay(undefined);
  }

  blackhole(which: Directions): Promise<Change> {
    const { tx, rx, portal } = this.#faults.packets;
    return this.#apply({
      portal,
      tx: { ...tx, isBlackhole: which !== "rx" },
      rx: { ...rx, isBlackhole: which !== "tx" },
    });
  }

  async lose(percent: number, which: Directions): Promise<Change> {
    if (!(percent >= 0 && percent <= 100)) throw new LabError("LAB_BAD_REQUEST", `${percent} is not a percentage`);
    const { tx, rx, portal } = this.#faults.packets;
    return this.#apply({
      portal,
      tx: { ...tx, lossPercent: which === "rx" ? 0 : percent },
      rx: { ...rx, lossPercent: which === "tx" ? 0 : percent },
    });
  }

  async portal(): Promise<Change> {
    this.#portal ??= await startService(this.#host, "portal-main");
    return this.#apply({ ...this.#faults.packets, portal: "asking" });
  }

  /** Undefined takes the shape away. */
  shape(shape: Shape | undefined): Promise<Change> {
    return timed(async () => {
      if (shape === undefined && this.#faults.shape === undefined) return;
      await Promise.all(shapeCommands(shape).map((args) => this.#host.exec("tc", args)));
      this.#faults = { ...this.#faults, shape };
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

  #apply(packets: PacketFaults): Promise<Change> {
    return timed(async () => {
      await this.#network.nft(this.#host.name, faultRules(packets));
      this.#faults = { ...this.#faults, packets };
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
