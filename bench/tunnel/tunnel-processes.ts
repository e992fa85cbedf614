/** What every tunnel here is made of: processes in the hosts of its two ends, and one port for each service. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { PeerProcesses } from "../peers/peer-process.ts";
import type { RunningTunnel, TunnelPlan } from "./entrant.ts";
import { type Service, serviceNames } from "./ground.ts";

export class TunnelProcesses implements RunningTunnel {
  readonly #processes = new PeerProcesses();
  readonly #pids: number[] = [];
  readonly #entries: Readonly<Record<Service, number>>;

  /** `entries`: where the source listens, on its own loopback. */
  constructor(entries: Readonly<Record<Service, number>>) {
    this.#entries = entries;
  }

  async start(host: LabHost, name: string, words: readonly string[]): Promise<void> {
    const pid = await this.#processes.start(host, name, words).pid();
    if (pid === undefined) throw new Error(this.failure() ?? `${name} ended at once`);
    this.#pids.push(pid);
  }

  way(service: Service) {
    return { to: "127.0.0.1", port: this.#entries[service] };
  }

  get pids(): readonly number[] {
    return this.#pids;
  }

  failure(): string | undefined {
    return this.#processes.failure();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#processes[Symbol.asyncDispose]();
  }
}

/** A port for each service, from the plan's own ones; `set` tells several such sets apart. */
export function portsFor({ firstPort }: TunnelPlan, set: number): Readonly<Record<Service, number>> {
  const ports = serviceNames.map((service, index) => [service, firstPort + set * 10 + index] as const);
  return Object.fromEntries(ports) as Record<Service, number>;
}
