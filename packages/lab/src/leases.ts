/**
 * An uplink by DHCP: dnsmasq on its ISP, dhclient on edge. What happens to the lease happens by their messages alone; this
 * file starts and ends the two programs and looks at what edge has.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { startDnsmasq } from "./dnsmasq.ts";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabNetwork } from "./lab-network.ts";
import type { LabProcess } from "./lab-process.ts";
import {
  acceptAdvertisements,
  installLeaseScript,
  leaseClientArguments,
  leaseClientConfig,
  leaseClientConfigFile,
  leaseClientScript,
  leaseServerArguments,
} from "./pure/lease-plan.ts";
import { type Uplink, uplinkMetric, uplinkSubnets } from "./pure/topology.ts";
import { requireLeases } from "./requirements.ts";

/** For what takes no lease's time: a first lease, one after the server is back. */
const promptly: Millis = seconds(15);
const lookEvery: Millis = millis(20);

interface HeldAddress {
  readonly local: string;
  readonly family: "inet" | "inet6";
  readonly scope: string;
  readonly deprecated?: boolean;
}

export class Leases {
  readonly #network: LabNetwork;
  readonly #isp: LabHost;
  #server: LabProcess;
  readonly #client: LabProcess | undefined;

  /** What edge needs before its first uplink by DHCP. Throws LAB_UNSUPPORTED when this machine has no dhclient. */
  static async prepare(edge: LabHost): Promise<void> {
    await requireLeases();
    const isDone = await edge.tryExec("test", ["-e", "/run/lab/dhclient-script"]);
    if (isDone.status !== 0) await edge.exec("sh", ["-c", installLeaseScript], { input: leaseClientScript });
  }

  /** Resolves when edge has the uplink's addresses. Throws LAB_TIMEOUT. */
  static async open(network: LabNetwork, uplink: Uplink): Promise<Leases> {
    const edge = network.host("edge");
    const isp = network.host(uplink.isp);
    const server = await startDnsmasq(isp, leaseServerArguments(uplink));
    if (uplink.families.includes("ipv6")) {
      const args = ["accept", uplink.name, String(uplinkMetric(uplink))];
      await edge.exec("sh", ["-c", acceptAdvertisements, ...args]);
    }
    const leases = new Leases(network, isp, server, await startClient(edge, uplink));
    await leases.#until(`${uplink.name} got its addresses`, promptly, () => leases.#hasAll(uplink));
    return leases;
  }

  private constructor(network: LabNetwork, isp: LabHost, server: LabProcess, client: LabProcess | undefined) {
    this.#network = network;
    this.#isp = isp;
    this.#server = server;
    this.#client = client;
  }

  /** The server gives `after`'s networks from now on; resolves when edge has taken them at its next renewal. */
  async move(before: Uplink, after: Uplink): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#server = await startDnsmasq(this.#isp, leaseServerArguments(after, before));
    const limit = millis(after.lease + promptly);
    await this.#until(`${after.name} took its new addresses`, limit, () => this.#hasAll(after));
  }

  /** Resolves when the lease has run out and edge has given the address up. */
  async expired(uplink: Uplink): Promise<void> {
    const limit = millis(uplink.lease + promptly);
    await this.#until(`${uplink.name} gave its address up`, limit, async () => {
      return !(await this.#held(uplink.name)).some(({ family }) => family === "inet");
    });
  }

  /** Resolves when edge has the uplink's addresses again. */
  async restored(uplink: Uplink): Promise<void> {
    await this.#until(`${uplink.name} got its addresses back`, promptly, () => this.#hasAll(uplink));
  }

  async close(): Promise<void> {
    await Promise.all([this.#client?.[Symbol.asyncDispose](), this.#server[Symbol.asyncDispose]()]);
  }

  async #hasAll(uplink: Uplink): Promise<boolean> {
    const held = await this.#held(uplink.name);
    const hasAddress = ({ member, family }: { readonly member: IpAddress; readonly family: Family }) =>
      held.some(({ local, deprecated }) => local === member && deprecated !== true) &&
      this.#hasRoute(uplink.name, family);
    const found = await Promise.all(uplinkSubnets(uplink).map(hasAddress));
    return found.every(Boolean);
  }

  async #held(name: string): Promise<readonly HeldAddress[]> {
    const { stdout } = await this.#network.host("edge").exec("ip", ["-json", "address", "show", "dev", name]);
    const [link] = JSON.parse(stdout) as readonly { readonly addr_info: readonly HeldAddress[] }[];
    return (link?.addr_info ?? []).filter(({ scope }) => scope === "global");
  }

  async #hasRoute(name: string, family: Family): Promise<boolean> {
    const version = family === "ipv4" ? "-4" : "-6";
    const { stdout } = await this.#network.host("edge").exec("ip", [version, "route", "show", "default", "dev", name]);
    return stdout.trim() !== "";
  }

  async #until(what: string, limit: Millis, isTrue: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + limit;
    while (!(await isTrue())) {
      if (performance.now() > end) throw new LabError("LAB_TIMEOUT", `waited ${limit} ms in vain until ${what}`);
      await delay(lookEvery);
    }
  }
}

async function startClient(edge: LabHost, uplink: Uplink): Promise<LabProcess | undefined> {
  if (!uplink.families.includes("ipv4")) return undefined;
  const write = ["-c", 'cat >"$1"', "write", leaseClientConfigFile(uplink)];
  await edge.exec("sh", write, { input: leaseClientConfig(uplink) });
  const client = edge.spawn("dhclient", leaseClientArguments(uplink));
  client.stdout.resume();
  client.stderr.resume();
  return client;
}
