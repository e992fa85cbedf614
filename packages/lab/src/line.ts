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
import { type Directions, faultRules, noPacketFaults, type PacketFaults } from "./pure/nft-plan.ts";
import { type Shape, shapeCommands } from "./pure/shape-plan.ts";
import { interfaces } from "./pure/topology.ts";
import { Relay } from "./relay.ts";
import { startService } from "./service.ts";

export class Line {
  readonly #network: LabNetwork;
  readonly #host: LabHost;
  #packetFaults: PacketFaults = noPacketFaults;
  #isShaped = false;
  #relay: Relay | undefined;
  #portal: LabProcess | undefined;
  #flapping: Flapping | undefined;

  constructor(network: LabNetwork, isp: string) {
    this.#network = network;
    this.#host = network.host(isp);
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
    if (this.#packetFaults !== noPacketFaults) await this.#apply(noPacketFaults);
    await this.#portal?.[Symbol.asyncDispose]();
    this.#portal = undefined;
    if (this.#isShaped) await this.shape(undefined);
    await this.delay(undefined);
  }

  blackhole(which: Directions): Promise<Change> {
    const { tx, rx } = this.#packetFaults;
    return this.#apply({
      ...this.#packetFaults,
      tx: { ...tx, isBlackhole: which !== "rx" },
      rx: { ...rx, isBlackhole: which !== "tx" },
    });
  }

  async lose(percent: number, which: Directions): Promise<Change> {
    if (!(percent >= 0 && percent <= 100)) throw new LabError("LAB_BAD_REQUEST", `${percent} is not a percentage`);
    const { tx, rx } = this.#packetFaults;
    return this.#apply({
      ...this.#packetFaults,
      tx: { ...tx, lossPercent: which === "rx" ? 0 : percent },
      rx: { ...rx, lossPercent: which === "tx" ? 0 : percent },
    });
  }

  async portal(): Promise<Change> {
    this.#portal ??= await startService(this.#host, "portal-main");
    return this.#apply({ ...this.#packetFaults, portal: "asking" });
  }

  /** Undefined takes the shape away. */
  shape(shape: Shape | undefined): Promise<Change> {
    return timed(async () => {
      if (shape === undefined && !this.#isShaped) return;
      await Promise.all(shapeCommands(shape).map((args) => this.#host.exec("tc", args)));
      this.#isShaped = shape !== undefined;
    });
  }

  /** Undefined takes the delay away. */
  delay(delay: Delay | undefined): Promise<Change> {
    return timed(async () => {
      if (delay !== undefined && this.#relay !== undefined) return void (await this.#relay.set(delay));
      if (delay !== undefined) this.#relay = await Relay.start(this.#network, this.#host.name, delay);
      else {
        await this.#relay?.stop();
        this.#relay = undefined;
      }
    });
  }

  async flap(period: Millis): Promise<Flapping> {
    await this.#flapping?.stop();
    this.#flapping = await this.#network.linkSwitch.flap(this.#host, interfaces.customer, period);
    return this.#flapping;
  }

  #apply(faults: PacketFaults): Promise<Change> {
    return timed(async () => {
      await this.#network.nft(this.#host.name, faultRules(faults));
      this.#packetFaults = faults;
    });
  }

  #switch(up: boolean): Promise<Change> {
    return timed(() => this.#network.linkSwitch.set(this.#host, interfaces.customer, up));
  }
}
