/** A source and a destination as processes of the real program on loopback, in front of an echo of the test's own. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "@ropewalk/lab/free-ports";
import { type Ended, type RunningProcess, StartedPrograms } from "../started-programs.ts";

/** `more` is exposed by nobody at first; the last two are of loopback HTTP. */
type Ports = Readonly<Record<"reached" | "exposed" | "more" | "source" | "destination", number>>;

type Role = "source" | "destination";

export class TunnelSite implements AsyncDisposable {
  readonly #made: AsyncDisposableStack;
  readonly #processes: StartedPrograms;
  readonly #ports: Ports;
  readonly #target: number;

  static async open(): Promise<TunnelSite> {
    await using made = new AsyncDisposableStack();
    const processes = made.use(new StartedPrograms());
    const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
    const target = await listen(echo);
    made.defer(() => void echo.close());
    const [reached = 0, exposed = 0, more = 0, source = 0, destination = 0] = await freePorts(5);
    const site = new TunnelSite(processes, target, { reached, exposed, more, source, destination }, made.move());
    await site.#makeCertificates();
    site.configure("source");
    site.configure("destination");
    return site;
  }

  private constructor(processes: StartedPrograms, target: number, ports: Ports, made: AsyncDisposableStack) {
    this.#processes = processes;
    this.#target = target;
    this.#ports = ports;
    this.#made = made;
  }

  /** What `expose` adds may listen there. */
  get freePort(): number {
    return this.#ports.more;
  }

  /** Writes the configuration of an end, with `more` below its own table. */
  configure(role: Role, more = ""): void {
    const { reached, exposed } = this.#ports;
    const name = role === "source" ? "site" : "hub";
    const table =
      role === "source"
        ? `destinations = ["127.0.0.1:${reached}"]\nserver_names = ["hub.example"]\n[[tunnel.source.expose]]\nport = ${exposed}\nservice = "echo"`
        : `listen = ["127.0.0.1:${reached}"]\n[[tunnel.destination.service]]\nname = "echo"\ntarget = "127.0.0.1:${this.#target}"`;
    const text = `[tunnel]
mode = "mlkem768"
certificate = "${name}.crt"
key = "${name}.key"
authorities = ["ca.crt"]
heartbeat = { interval = "500ms", timeout = "500ms", missed = 1 }
http = { listen = "127.0.0.1:${this.#ports[role]}" }
[tunnel.${role}]
${table}
${more}
`;
    writeFileSync(join(this.#processes.folder, `${role}.toml`), text);
  }

  start(role: Role): RunningProcess {
    return this.#processes.start("tunnel", role, "--config", `${role}.toml`);
  }

  run(...words: readonly string[]): Promise<Ended> {
    return this.#processes.run("tunnel", ...words);
  }

  follow(...words: readonly string[]): RunningProcess {
    return this.#processes.start("tunnel", ...words);
  }

  /** The status of an answer over its loopback HTTP; 0 where nobody answers. */
  async ask(role: Role, path: string, method = "GET"): Promise<{ readonly status: number; readonly body: string }> {
    const { promise, resolve } = Promise.withResolvers<{ status: number; body: string }>();
    const asked = request({ host: "127.0.0.1", port: this.#ports[role], path, method, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on("error", () => resolve({ status: 0, body: "" })).end();
    return await promise;
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + 30_000;
    while (!(await isSo())) {
      assert(performance.now() < end, `${what}: not seen`);
      await delay(30);
    }
  }

  /** Waits until it answers that it is, or is not, ready. */
  untilReady(role: Role, isReady = true): Promise<void> {
    const wanted = isReady ? 200 : 503;
    return this.until(`${role} ready: ${isReady}`, async () => (await this.ask(role, "/ready")).status === wanted);
  }

  /** A connection to the exposed port, or to another. */
  connect(port: number = this.#ports.exposed): Promise<Socket> {
    return connected(port);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#made.disposeAsync();
  }

  async #makeCertificates(): Promise<void> {
    const make = async (...words: readonly string[]) => {
      const { code, stderr } = await this.#processes.run("cert", ...words);
      assert.equal(code, 0, stderr);
    };
    await make("ca", "--name", "CA", "--out-cert", "ca.crt", "--out-key", "ca.key");
    const ca = ["--ca-cert", "ca.crt", "--ca-key", "ca.key"];
    const end = (name: string) => ["--name", name, "--dns", `${name}.example`, "--out-cert", `${name}.crt`];
    await Promise.all([
      make("client", ...ca, ...end("site"), "--out-key", "site.key"),
      make("server", ...ca, ...end("hub"), "--out-key", "hub.key"),
    ]);
  }
}

/** To a port of loopback. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  return socket;
}

/** What comes back for `text`. */
export async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  let back = "";
  while (back.length < text.length) {
    const [piece] = (await once(socket, "data")) as [Buffer];
    back += piece.toString();
  }
  return back;
}

/** On a port of loopback that the system chooses. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
