/** The hosts of one lab and the programs that configure them: a kept-open `ip -batch` each, and nft. */
import { InternalError } from "@ropewalk/kernel/errors";
import { LabError } from "./errors.ts";
import { IpSession } from "./ip-session.ts";
import type { LabHost } from "./lab-host.ts";
import { LinkSwitch } from "./link-switch.ts";
import { linkLine, type Settings } from "./pure/ip-plan.ts";
import type { Link } from "./pure/topology.ts";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

export class LabNetwork implements AsyncDisposable {
  readonly #sandbox: Sandbox;
  readonly #hosts = new Map<string, LabHost>();
  readonly #sessions = new Map<LabHost, IpSession>();
  readonly linkSwitch: LinkSwitch;

  static async open(options: SandboxOptions): Promise<LabNetwork> {
    return new LabNetwork(await Sandbox.open(options));
  }

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.linkSwitch = new LinkSwitch(sandbox.root);
  }

  /** The sandbox outside every host. */
  get root(): LabHost {
    return this.#sandbox.root;
  }

  async addHost(name: string, settings: Settings): Promise<void> {
    this.#hosts.set(name, await this.#sandbox.addHost(name, settings));
  }

  has(name: string): boolean {
    return this.#hosts.has(name);
  }

  get hostNames(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  /** Throws LAB_BAD_REQUEST, which lists the hosts there are. */
  host(name: string): LabHost {
    const found = this.#hosts.get(name);
    if (found !== undefined) return found;
    throw new LabError("LAB_BAD_REQUEST", `no host is called "${name}"; there are ${this.hostNames.join(", ")}`);
  }

  /** Runs lines of `ip -batch` in a host; returns the time just before. */
  async ip(hostName: string, lines: readonly string[]): Promise<bigint> {
    return this.#session(this.host(hostName)).run(lines);
  }

  /**
   * Replaces the host's kept-open `ip`, once a name of an interface means another one than before: iproute2 remembers
   * the index of every name that it has seen (lib/ll_map.c).
   */
  async forgetInterfaces(hostName: string): Promise<void> {
    const host = this.host(hostName);
    await this.#sessions.get(host)?.[Symbol.asyncDispose]();
    this.#sessions.delete(host);
    await this.#session(host).run([]);
  }

  /** Makes links between hosts, in one batch; returns the time just before. */
  async link(links: readonly Link[]): Promise<bigint> {
    const pidOf = (name: string) => {
      const host = this.#hosts.get(name);
      if (host === undefined) throw new InternalError(`a link was planned to ${name}, which is not there`);
      return host.innerPid;
    };
    const lines = links.map((link) => linkLine(link, pidOf));
    return this.#session(this.#sandbox.root).run(lines);
  }

  /** One nft transaction in a host. */
  async nft(hostName: string, rules: string): Promise<void> {
    await this.host(hostName).exec("nft", ["--file", "-"], { input: rules });
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#sandbox[Symbol.asyncDispose]();
  }

  #session(host: LabHost): IpSession {
    const open = this.#sessions.get(host) ?? new IpSession(host);
    this.#sessions.set(host, open);
    return open;
  }
}
