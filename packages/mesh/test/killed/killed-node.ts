/** A node's process and its disk: it is started, killed, and where the power is cut its disk is what was synced, and any of what was not. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { writeIdentityFile } from "@ropewalk/mesh/io/identity-file";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { Random } from "@ropewalk/simnet/random";
import { afterPowerCut, type DiskEvent, diskEvents } from "../io/store/disk-trace.ts";
import type { KilledNodeTask } from "./killed-node-task.ts";

const clock = createSystemClock();
const calls = "pwrite64,fdatasync,fsync,ftruncate,unlink";

/** With so many lines that it has said, or at that call of one of its threads that changes or syncs the disk; or when it has lived for long. */
export interface Death {
  readonly kind: "at-line" | "at-call";
  readonly count: number;
}

/** From its first line. */
const longestLife = 10_000;

export class KilledNode {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly key: Uint8Array;
  readonly #program: string;
  readonly #trace: string;
  readonly #cache: string;
  #running: ReturnType<typeof spawn> | undefined;

  /** Its disk is in a folder of `parent`. `program`: of `bundledProgram`. */
  static async create(program: string, parent: string, name: string, port: number): Promise<KilledNode> {
    const node = new KilledNode(program, parent, name, port);
    SequenceFile.open(join(node.folder, "sequences"), clock.wall())[Symbol.dispose]();
    // With the reserve, which is not to be written while a trace is.
    const deps = { clock, onEvent: () => {}, onDeath: () => {} };
    await (await MessageStore.open({ path: join(node.folder, "messages") }, deps))[Symbol.asyncDispose]();
    return node;
  }

  private constructor(program: string, parent: string, name: string, port: number) {
    this.#program = program;
    this.name = name;
    this.port = port;
    this.folder = join(parent, name);
    this.#trace = join(parent, `${name}.trace`);
    this.#cache = join(parent, "cache");
    const key = generateSigningKey("ed25519");
    this.key = key.verifyingKey.raw();
    mkdirSync(this.folder);
    writeIdentityFile(join(this.folder, "identity"), key, { whenThere: "refuse" });
  }

  get address(): MeshAddress {
    return addressOfKey(this.key);
  }

  /** Until it has died; undefined: nobody kills it but `kill`. Rejects where it ends otherwise. */
  async live(
    task: Omit<KilledNodeTask, "folder" | "port">,
    hear: (line: string) => void,
    death: Death | undefined,
    power?: Random,
  ): Promise<void> {
    const before = power === undefined ? undefined : this.#disk();
    const order = JSON.stringify({ ...task, folder: this.folder, port: this.port });
    const words = ["--disable-warning=ExperimentalWarning", this.#program, order];
    const { signal, code } = await this.#run(
      before === undefined
        ? [process.execPath, ...words]
        : ["strace", ...this.#traceOptions(death), process.execPath, ...words],
      hear,
      death,
    );
    if (signal !== "SIGKILL" && code !== 137) throw new Error(`${this.name} ended by itself: ${signal ?? code}`);
    if (power !== undefined && before !== undefined) this.#cutPower(before, power);
  }

  kill(): void {
    this.#running?.kill("SIGKILL");
  }

  #traceOptions(death: Death | undefined): readonly string[] {
    const inject = death?.kind === "at-call" ? ["-e", `inject=${calls}:signal=SIGKILL:when=${death.count}`] : [];
    return [
      ...["-D", "-o", this.#trace, "-f", "-qq", "-y", "-xx", "-s", "1000000"],
      ...["-e", `trace=${calls}`, "-e", "signal=none", ...inject],
    ];
  }

  #run(
    [command = "", ...words]: readonly string[],
    hear: (line: string) => void,
    death: Death | undefined,
  ): Promise<{ readonly signal: string | null; readonly code: number | null }> {
    const env = { ...process.env, NODE_COMPILE_CACHE: this.#cache };
    const running = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"], env });
    this.#running = running;
    let timer: NodeJS.Timeout | undefined;
    // A line that was cut by its death has no end: what it says was not said.
    let [rest, heard] = ["", 0];
    running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      heard += lines.length;
      if (death !== undefined) timer ??= setTimeout(() => running.kill("SIGKILL"), longestLife);
      if (death?.kind === "at-line" && heard >= death.count) running.kill("SIGKILL");
      for (const line of lines) hear(line);
    });
    return new Promise((resolve, reject) => {
      running.once("error", reject);
      running.once("close", (code, signal) => {
        clearTimeout(timer);
        this.#running = undefined;
        resolve({ code, signal });
      });
    });
  }

  /** What of it changes, by name. */
  #disk(): ReadonlyMap<string, Uint8Array> {
    const names = readdirSync(this.folder).filter((name) => name !== "messages.reserve");
    return new Map(names.map((name) => [join(this.folder, name), readFileSync(join(this.folder, name))]));
  }

  #cutPower(before: ReadonlyMap<string, Uint8Array>, power: Random): void {
    const events: readonly DiskEvent[] = diskEvents(readFileSync(this.#trace, "latin1"));
    const after = afterPowerCut(events, power, before);
    for (const name of readdirSync(this.folder).map((each) => join(this.folder, each)))
      if (!after.has(name) && !name.endsWith(".reserve")) rmSync(name);
    for (const [name, octets] of after) if (octets !== before.get(name)) writeFileSync(name, octets);
  }
}
