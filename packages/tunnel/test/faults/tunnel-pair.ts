/** A source and a destination on loopback, the fault proxy between them, and certificates that go with them. */

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "@ropewalk/lab/free-ports";
import { IdentityFolder, issue } from "../throw-away-authority.ts";
import { ProxyProcess } from "./proxy-process.ts";
import { type EndOptions, TunnelEnd } from "./tunnel-end.ts";

export interface Source {
  readonly end: TunnelEnd;
  /** Between it and the destination. */
  readonly proxy: ProxyProcess;
  /** What leads to each service. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface PairOptions {
  /** Services of the destination, each with a port of 127.0.0.1 for its target. */
  readonly targets: Readonly<Record<string, number>>;
  /** Lines of TOML for `[tunnel]` of both ends, beside and instead of what tests of faults need. */
  readonly tunnel?: Readonly<Record<string, string>>;
  /** Of the process of one end. */
  readonly source?: Pick<EndOptions, "through" | "log">;
  readonly destination?: Pick<EndOptions, "through" | "log">;
}

/** Faults are found soon, and what strangers may cost does not stand in the way of a thousand reconnections. */
const usual: Readonly<Record<string, string>> = {
  mode: '"mlkem768"',
  heartbeat: '{ interval = "200ms", timeout = "100ms", missed = 2 }',
  handshake: "{ rate = 10000, burst = 10000 }",
};

type Role = "source" | "destination";

export class TunnelPair implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #folder = new IdentityFolder();
  readonly #ca = issue({ name: "CA", isCa: true });
  readonly #options: PairOptions;
  /** How each end is started, again too. */
  readonly #starts = new Map<TunnelEnd, () => Promise<TunnelEnd>>();
  readonly #sources: Source[] = [];
  #destination: TunnelEnd | undefined;
  #port = 0;
  #count = 0;

  /** When every service can be reached through the tunnel's own listeners. */
  static async start(options: PairOptions): Promise<TunnelPair> {
    const pair = new TunnelPair(options);
    try {
      await pair.#begin();
      await pair.addSource();
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: PairOptions) {
    this.#options = options;
    this.#stack.defer(() => this.#folder[Symbol.dispose]());
  }

  get destination(): TunnelEnd {
    if (this.#destination === undefined) throw new Error("it has not been started");
    return this.#destination;
  }

  /** The first one. */
  get source(): TunnelEnd {
    return this.#first.end;
  }

  /** In front of the destination, for the first source. */
  get proxy(): ProxyProcess {
    return this.#first.proxy;
  }

  /** What all have said, for one who asks why. */
  get logs(): string {
    return [this.destination, ...this.#sources.map(({ end }) => end)].map(({ log }) => log).join("\n====\n");
  }

  /** What leads to the service of this name. */
  port(name: string): number {
    return this.#first.ports[name] ?? 0;
  }

  /** Another source of the same destination, with a certificate and a proxy of its own. */
  async addSource(): Promise<Source> {
    const names = Object.keys(this.#options.targets);
    const [http = 0, ...exposed] = await freePorts(1 + names.length);
    const ports = Object.fromEntries(names.map((name, index) => [name, exposed[index] ?? 0]));
    const proxy = this.#stack.use(await ProxyProcess.start(this.#port));
    const end = await this.#start("source", http, sourceTable(proxy.port, ports), exposed);
    const source = { end, proxy, ports };
    this.#sources.push(source);
    return source;
  }

  /** The same end again, once it has ended. */
  async restart(role: Role): Promise<void> {
    const end = role === "source" ? this.source : this.destination;
    const again = await this.#starts.get(end)?.();
    if (again === undefined) return;
    if (role === "destination") this.#destination = again;
    else this.#sources[0] = { ...this.#first, end: again };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  get #first(): Source {
    const [first] = this.#sources;
    if (first === undefined) throw new Error("no source has been started");
    return first;
  }

  async #begin(): Promise<void> {
    const [port = 0, http = 0] = await freePorts(2);
    this.#port = port;
    this.#destination = await this.#start("destination", http, destinationTable(port, this.#options.targets), [port]);
  }

  /** Resolves when it listens on `ports`. */
  #start(role: Role, httpPort: number, table: string, ports: readonly number[]): Promise<TunnelEnd> {
    this.#count += 1;
    const name = `${role}-${this.#count}`;
    const usage = role === "source" ? "client" : "server";
    const issued = issue({ ca: this.#ca, name, names: [`${role}.example`], usage });
    const { certificate, key, authorities } = this.#folder.identity(name, issued, [this.#ca]);
    const identity = { certificate: `"${certificate}"`, key: `"${key}"`, authorities: JSON.stringify(authorities) };
    const tunnel = { ...identity, ...usual, http: `{ listen = "127.0.0.1:${httpPort}" }`, ...this.#options.tunnel };
    const lines = Object.entries(tunnel).map(([setting, value]) => `${setting} = ${value}\n`);
    const configFile = this.#folder.put(`${name}.toml`, `[tunnel]\n${lines.join("")}${table}`);
    const folder = join(this.#folder.path, name);
    mkdirSync(folder);
    const start = async () => {
      const end = this.#stack.use(new TunnelEnd({ role, configFile, folder, httpPort, ...this.#options[role] }));
      for (const port of ports) await end.until(`${name} listens on ${port}`, () => isListening(port));
      this.#starts.set(end, start);
      return end;
    };
    return start();
  }
}

function destinationTable(port: number, targets: Readonly<Record<string, number>>): string {
  const services = Object.entries(targets).map(
    ([name, target]) =>
      `[[tunnel.destination.service]]\nname = "${name}"\ntarget = "127.0.0.1:${target}"\nmax_connections = 4000\n`,
  );
  return `[tunnel.destination]\nlisten = ["127.0.0.1:${port}"]\nconnect_within = "5s"\n${services.join("")}`;
}

function sourceTable(port: number, ports: Readonly<Record<string, number>>): string {
  const exposed = Object.entries(ports).map(
    ([service, own]) => `[[tunnel.source.expose]]\nport = ${own}\nservice = "${service}"\nmax_connections = 4000\n`,
  );
  const lines = [
    `destinations = ["127.0.0.1:${port}"]`,
    'server_names = ["destination.example"]',
    'reconnect = { first = "20ms", longest = "1s", breaker = { restarts = 1000, window = "1s" } }',
  ];
  return `[tunnel.source]\n${lines.join("\n")}\n${exposed.join("")}`;
}

/** As the kernel lists it: a connection that asks would be one to the target. */
function isListening(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const isIt = (line: string) => line.includes(` ${local} `) && line.includes(" 00000000:0000 0A ");
  return readFileSync("/proc/net/tcp", "utf8").split("\n").some(isIt);
}
