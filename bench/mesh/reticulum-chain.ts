/** Reticulum's own nodes in a chain of TCP on loopback, each a process of the python that has it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stampLines } from "../stamped-lines.ts";

const program = fileURLToPath(new URL("./reticulum-node.py", import.meta.url));
const limitMs = 60_000;
/** Below those that the kernel gives to whoever dials, one of which would keep a listener from its port. */
const [firstPort, lastPort] = [21_000, 32_000];

/** Milliseconds from the announce of one end until all others have heard it, all links being up before. */
export async function announcedAlong(python: string, size: number, folder: string): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const nodes: ReticulumNode[] = [];
  let before = 0;
  for (const port of await freePorts(size)) {
    const node = stack.use(new ReticulumNode(python, [join(folder, `${port}`), `${port}`, `${before}`]));
    await node.until("it runs", () => node.find("ready") !== undefined);
    nodes.push(node);
    before = port;
  }
  for (const [place, node] of nodes.entries()) await node.linked(place === 0 || place === size - 1 ? 1 : 2);
  const [end, ...others] = nodes;
  const hash = end?.find("ready")?.words[1] ?? "";
  end?.tell("announce");
  await Promise.all(others.map((node) => node.until("it hears", () => node.find("heard", hash) !== undefined)));
  const heard = others.map((node) => node.find("heard", hash)?.time ?? Number.NaN);
  return Math.max(...heard) - (end?.find("announces")?.time ?? Number.NaN);
}

interface Line {
  readonly time: number;
  readonly words: readonly string[];
}

class ReticulumNode implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #said: Line[] = [];
  #lastWords = "";

  constructor(python: string, args: readonly string[]) {
    // setpriv: it ends with whoever measures, however that one ends.
    const words = ["--pdeathsig", "KILL", python, "-u", program, ...args];
    this.#child = spawn("setpriv", words, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.on("error", ({ message }) => {
      this.#lastWords = message;
    });
    this.#child.stdin.on("error", () => {});
    stampLines(this.#child.stdout, (line) => {
      const [name, time, ...said] = line.split(" ");
      if (name === "node") this.#said.push({ time: Number(time) / 1e6, words: said });
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-1024);
    });
  }

  find(...words: readonly string[]): Line | undefined {
    return this.#said.find((line) => words.every((word, place) => line.words[place] === word));
  }

  tell(order: "announce" | "links"): void {
    this.#child.stdin.write(`${order}\n`);
  }

  async linked(count: number): Promise<void> {
    await this.until(`it has ${count} links`, () => {
      this.tell("links");
      return this.#said.findLast(({ words }) => words[0] === "links")?.words[1] === `${count}`;
    });
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const limit = performance.now() + limitMs;
    while (!isSo()) {
      if (this.#hasEnded()) throw new Error(`a node of Reticulum has ended before ${what}: ${this.#lastLine}`);
      if (performance.now() > limit) throw new Error(`a node of Reticulum: not within ${limitMs} ms that ${what}`);
      await delay(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await ended;
  }

  get #lastLine(): string {
    return this.#lastWords.trim().split("\n").at(-1) ?? "";
  }

  #hasEnded(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const free: number[] = [];
  for (let port = firstPort; port <= lastPort && free.length < count; port += 1)
    if (await isFree(port)) free.push(port);
  return free;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    const listening = once(server, "listening");
    server.listen(port, "127.0.0.1");
    await listening;
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
