/** One end of the tunnel as the real program, in a process of its own, with what it has said and what it tells of itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** What people install, where the gate has built it. */
const main = process.env["TESTED_PROGRAM"] ?? join(import.meta.dirname, "../../../../apps/ropewalk/src/main.ts");
const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
const deadlineMs = 30_000;

export interface EndOptions {
  readonly role: "source" | "destination";
  readonly configFile: string;
  /** Of its own: its state, and its socket. */
  readonly folder: string;
  readonly httpPort: number;
  /** What starts it, such as a shell that sets limits; it is given Node and its words. */
  readonly through?: readonly string[];
  /** A file that its log goes to; without, it is kept here. */
  readonly log?: number;
}

export class TunnelEnd implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #httpPort: number;
  #log = "";

  constructor({ role, configFile, folder, httpPort, through = [], log }: EndOptions) {
    this.#httpPort = httpPort;
    const words = [...through, process.execPath, ...flags, main, "tunnel", role, "--config", configFile];
    const [command = "", ...args] = words;
    const cache = process.env["NODE_COMPILE_CACHE"];
    const env = {
      ...{ PATH: process.env["PATH"], HOME: folder, XDG_CONFIG_HOME: folder },
      ...{ ROPEWALK_STATE_DIR: join(folder, "state"), ROPEWALK_RUNTIME_DIR: join(folder, "run") },
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    };
    this.#child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", log ?? "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
  }

  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Bytes that it has in memory by itself. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string | null> {
    if (!this.hasEnded) {
      const gone = once(this.#child, "exit");
      this.#child.kill(signal);
      this.#child.kill("SIGCONT");
      await gone;
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** What of streams it counts now, by name and labels: each is 0 when there are none. */
  gauges(): Promise<Readonly<Record<string, number>>> {
    return this.#metrics(/^ropewalk_tunnel_(?:streams|\w+_connections|credit_bytes\{kind="used"\})(?: |\{)/);
  }

  /** Octets of streams that have come to it through the tunnel. */
  async received(): Promise<number> {
    const [count = Number.NaN] = Object.values(
      await this.#metrics(/^ropewalk_tunnel_stream_bytes_total\{direction="received"/),
    );
    return count;
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + deadlineMs; !(await isSo()); ) {
      if (performance.now() > end || this.hasEnded) throw new Error(`${what}: not seen\n${this.#log}`);
      await delay(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }

  async #metrics(wanted: RegExp): Promise<Readonly<Record<string, number>>> {
    const page = await (await fetch(`http://127.0.0.1:${this.#httpPort}/metrics`)).text();
    const lines = page.split("\n").filter((line) => wanted.test(line));
    return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]*$/, ""), Number(/[^ ]*$/.exec(line)?.[0])]));
  }
}
