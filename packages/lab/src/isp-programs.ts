/** The programs on an ISP that faults need: each started when it is first asked for, all ended together. */
import type { Bytes } from "@ropewalk/kernel/units";
import { startDnsmasq } from "./dnsmasq.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import type { Credentials } from "./pure/authority-plan.ts";
import { impostorPorts } from "./pure/fault-rules.ts";
import { type Filling, neighbourAddress } from "./pure/filler-plan.ts";
import type { DnsFault } from "./pure/packet-faults.ts";
import { transitSubnets } from "./pure/topology.ts";
import { startService } from "./service.ts";

export class IspPrograms implements AsyncDisposable {
  readonly #host: LabHost;
  readonly #slot: number;
  readonly #impostor: Credentials;
  readonly #running = new Map<string, LabProcess>();

  constructor(host: LabHost, slot: number, impostor: Credentials) {
    this.#host = host;
    this.#slot = slot;
    this.#impostor = impostor;
  }

  /** The page to sign in at. */
  page(): Promise<void> {
    return this.#ensure("page", () => startService(this.#host, "portal-main"));
  }

  /** What accepts every TCP connection. */
  impostor(): Promise<void> {
    const credentials = JSON.stringify(this.#impostor);
    return this.#ensure("impostor", () => startService(this.#host, "impostor-main", credentials));
  }

  /** What answers names; the one before ends. */
  async resolver(fault: DnsFault): Promise<void> {
    await this.#end("resolver");
    if (fault.kind === "late") {
      await this.#ensure("resolver", () => startService(this.#host, "late-resolver-main", String(fault.by)));
    } else if (fault.kind === "forged") {
      const addresses = transitSubnets(this.#slot).map(({ member }) => `--address=/#/${member}`);
      await this.#ensure("resolver", () => startDnsmasq(this.#host, [`--port=${impostorPorts.dns}`, ...addresses]));
    }
  }

  /** What keeps the queue before the ISP filled, from `core`. */
  filler(core: LabHost, octets: Bytes): Promise<void> {
    const filling: Filling = { device: this.#host.name, address: neighbourAddress(this.#slot), octets };
    return this.#ensure("filler", () => startService(core, "filler-main", JSON.stringify(filling)));
  }

  noFiller(): Promise<void> {
    return this.#end("filler");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
  }

  async #ensure(name: string, start: () => Promise<LabProcess>): Promise<void> {
    if (!this.#running.has(name)) this.#running.set(name, await start());
  }

  async #end(name: string): Promise<void> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    await running?.[Symbol.asyncDispose]();
  }
}
