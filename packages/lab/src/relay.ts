/** The delay of one uplink: the relay program on its ISP, and the routes that lead packets through it. */
import { once } from "node:events";
import type { LabNetwork } from "./lab-network.ts";
import type { LabProcess } from "./lab-process.ts";
import type { Delay } from "./pure/delay-line.ts";
import { relayRouteLines, relayRuleCommands } from "./pure/relay-plan.ts";
import { requireTun } from "./requirements.ts";
import { startService } from "./service.ts";

export class Relay {
  readonly #network: LabNetwork;
  readonly #isp: string;
  readonly #process: LabProcess;

  /** Throws LAB_UNSUPPORTED when this machine has no TUN for this user. */
  static async start(network: LabNetwork, isp: string, delay: Delay): Promise<Relay> {
    await requireTun();
    const relay = new Relay(network, isp, await startService(network.host(isp), "relay-main"));
    await relay.set(delay);
    // Not the kept-open ip: it would remember the devices of an earlier relay by their old indexes.
    await network.host(isp).exec("ip", ["-batch", "-"], { input: relayRouteLines().join("\n") });
    await relay.#rules("add");
    return relay;
  }

  private constructor(network: LabNetwork, isp: string, process: LabProcess) {
    this.#network = network;
    this.#isp = isp;
    this.#process = process;
  }

  async set({ delay, jitter }: Delay): Promise<void> {
    const line = `${delay.toFixed(3)} ${jitter.toFixed(3)}\n`;
    if (!this.#process.stdin.write(line)) await once(this.#process.stdin, "drain");
  }

  /** New packets take the straight way; those that the relay still holds are lost. */
  async stop(): Promise<void> {
    await this.#rules("del");
    await this.#process[Symbol.asyncDispose]();
  }

  async #rules(verb: "add" | "del"): Promise<void> {
    const host = this.#network.host(this.#isp);
    await Promise.all(relayRuleCommands(verb).map((args) => host.exec("ip", args)));
  }
}
