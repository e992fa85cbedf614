/** A source and a destination on loopback, the fault proxy between them, and certificates that go with them. */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { IdentityFolder, issue } from "../throw-away-authority.ts";
import { ProxyProcess } from "./proxy-process.ts";
import { type EndOptions, TunnelEnd } from "./tunnel-end.ts";

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

export class TunnelPair implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  /** What leads to each service. */
  readonly ports: Readonly<Record<string, number>>;
  readonly proxy: ProxyProcess;
  readonly source: TunnelEnd;
  readonly destination: TunnelEnd;

  /** When every service can be reached through the tunnel's own listeners. */
  static async start(options: PairOptions): Promise<TunnelPair> {
    await using stack = new AsyncDisposableStack();
    const folder = new IdentityFolder();
    stack.defer(() => folder[Symbol.dispose]());
    const ca = issue({ name: "CA", isCa: true });
    const identities = {
      source: folder.identity("site", issue({ ca, name: "site", names: ["site.example"], usage: "client" }), [ca]),
      destination: folder.identity("hub", issue({ ca, name: "hub", names: ["hub.example"], usage: "server" }), [ca]),
    };
    const names = Object.keys(options.targets);
    const [port = 0, sourceHttp = 0, destinationHttp = 0, ...exposed] = await freePorts(3 + names.length);
    const ports = Object.fromEntries(names.map((name, index) => [name, exposed[index] ?? 0]));
    const start = (role: "source" | "destination", httpPort: number, table: string) => {
      const own = join(folder.path, role);
      mkdirSync(own);
      const { certificate, key, authorities } = identities[role];
      const lines = { certificate: `"${certificate}"`, key: `"${key}"`, authorities: JSON.stringify(authorities) };
      const all = { ...lines, ...usual, http: `{ listen = "127.0.0.1:${httpPort}" }`, ...options.tunnel };
      const text = `[tunnel]\n${Object.entries(all)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join("")}${table}`;
      const configFile = folder.put(`${role}.toml`, text);
      return stack.use(new TunnelEnd({ role, configFile, folder: own, httpPort, ...options[role] }));
    };
    const destination = start("destination", destinationHttp, destinationTable(port, options.targets));
    await destination.until("the destination listens", () => isListening(port));
    const proxy = stack.use(await ProxyProcess.start(port));
    const source = start("source", sourceHttp, sourceTable(proxy.port, ports));
    for (const exposedPort of exposed) await source.until("the source listens", () => isListening(exposedPort));
    return new TunnelPair(stack.move(), { ports, proxy, source, destination });
  }

  private constructor(
    stack: AsyncDisposableStack,
    parts: Pick<TunnelPair, "ports" | "proxy" | "source" | "destination">,
  ) {
    this.#stack = stack;
    this.ports = parts.ports;
    this.proxy = parts.proxy;
    this.source = parts.source;
    this.destination = parts.destination;
  }

  /** What both have said, for one who asks why. */
  get logs(): string {
    return `source:\n${this.source.log}\ndestination:\n${this.destination.log}`;
  }

  /** What leads to the service of this name. */
  port(name: string): number {
    return this.ports[name] ?? 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

function destinationTable(port: number, targets: Readonly<Record<string, number>>): string {
  const services = Object.entries(targets).map(
    ([name, target]) =>
      `[[tunnel.destination.service]]\nname = "${name}"\ntarget = "127.0.0.1:${target}"\nmax_connections = 4000\n`,
  );
  return `[tunnel.destination]\nlisten = ["127.0.0.1:${port}"]\nconnect_within = "2s"\n${services.join("")}`;
}

function sourceTable(port: number, ports: Readonly<Record<string, number>>): string {
  const exposed = Object.entries(ports).map(
    ([service, own]) => `[[tunnel.source.expose]]\nport = ${own}\nservice = "${service}"\nmax_connections = 4000\n`,
  );
  const lines = [
    `destinations = ["127.0.0.1:${port}"]`,
    'server_names = ["hub.example"]',
    'connect_within = "2s"',
    'reconnect = { first = "20ms", longest = "1s", breaker = { restarts = 1000, window = "1s" } }',
  ];
  return `[tunnel.source]\n${lines.join("\n")}\n${exposed.join("")}`;
}

/** Nobody has them now; all are found before any is given back, so that they differ. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
