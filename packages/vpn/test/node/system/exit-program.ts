/** The program that runs an exit, as a test has it: started, spoken with, stopped, killed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ExitNodeStatus } from "@ropewalk/vpn/node/exit-status";
import type { Generation, Order, PlacementId } from "@ropewalk/vpn/node/pure/order";
import type { OrderAnswer } from "@ropewalk/vpn/node/pure/order-batch";
import { type Customer, clock } from "./wireguard-exit.ts";

const main = fileURLToPath(new URL("./exit-node-main.ts", import.meta.url));

export class ExitProgram implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  #boot = "";

  /** `step`: at which it stays. */
  static async start(storePath: string, step = "none"): Promise<{ program: ExitProgram; status: ExitNodeStatus }> {
    const program = new ExitProgram(storePath, step);
    const status = (await program.next()) as ExitNodeStatus;
    program.#boot = status.boot;
    return { program, status };
  }

  private constructor(storePath: string, step: string) {
    this.#child = spawn(process.execPath, [...process.execArgv, main, storePath, step], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says next. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the exit has ended");
    return JSON.parse(value);
  }

  async status(): Promise<ExitNodeStatus> {
    this.#child.stdin.write("status\n");
    return (await this.next()) as ExitNodeStatus;
  }

  send(...orders: readonly object[]): void {
    this.#child.stdin.write(`${JSON.stringify(orders)}\n`);
  }

  async apply(...orders: readonly object[]): Promise<readonly string[]> {
    this.send(...orders);
    const answers = (await this.next()) as readonly OrderAnswer[] | string;
    if (typeof answers === "string") return [answers];
    return answers.map((answer) => (answer.kind === "refused" ? answer.why : answer.kind));
  }

  place({ publicKey, address }: Customer, some: { generation: number; lease?: Millis; within?: number }): Order {
    return {
      ...{ kind: "place", placement: address as PlacementId, generation: some.generation as Generation },
      ...{ peer: { publicKey, addresses: [address] }, lease: some.lease ?? millis(600_000) },
      until: { boot: this.#boot, at: millis(clock.now() + (some.within ?? 10_000)) },
    };
  }

  /** With addresses of both families, and a preshared key in hexadecimal digits. */
  placeWhole(customer: Customer, generation: number, presharedKey: string): object {
    const { publicKey, address, address6 } = customer;
    return {
      ...this.place(customer, { generation }),
      peer: { publicKey, addresses: [address, address6], presharedKey },
    };
  }

  remove({ publicKey, address }: Customer, generation: number): Order {
    return {
      ...{ kind: "remove", placement: address as PlacementId, generation: generation as Generation, publicKey },
      remember: millis(600_000),
    };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
