/** A node's links in a host of the lab, and what they have said. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import type { NodeOrder } from "./link-node-main.ts";

const program = fileURLToPath(new URL("link-node-main.ts", import.meta.url));
const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];

export class SayingNode implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #process: LabProcess;
  readonly #waiting = new Set<() => void>();

  constructor(host: LabHost, order: Partial<NodeOrder> = {}) {
    const whole: NodeOrder = { name: host.name, isDiscovering: true, peers: [], paths: [], ...order };
    this.#process = host.spawn(process.execPath, [...flags, program, JSON.stringify(whole)]);
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => this.#hear(`error ${text}`));
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#hear(line));
  }

  /** The rest of the first line that begins so, once there is one, of those after the first `from`. */
  async said(begins: string, from = 0): Promise<string> {
    const limit = AbortSignal.timeout(30_000);
    for (;;) {
      const found = this.lines.slice(from).find((line) => line.startsWith(begins));
      if (found !== undefined) return found.slice(begins.length).trim();
      await new Promise<void>((resolve, reject) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
        const late = () => reject(new Error(`"${begins}" was not said, but: ${this.lines.join("; ")}`));
        limit.addEventListener("abort", late, { once: true });
      });
    }
  }

  /** The paths that it has from now on. */
  tellPaths(paths: readonly PathBinding[]): void {
    this.#process.stdin.write(`${JSON.stringify(paths)}\n`);
  }

  /** The table by which it goes on. */
  tellTable(table: Readonly<Record<string, unknown>>): void {
    this.#process.stdin.write(`${JSON.stringify(table)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  #hear(line: string): void {
    this.lines.push(line);
    for (const wake of [...this.#waiting]) wake();
  }
}
