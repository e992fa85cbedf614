/**
 * A lab in which the node is killed at one of its changes of the kernel, again and again. Each trial begins on an untouched machine
 * and ends on one; what is not as it must be comes back as sentences.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeStatus } from "@ropewalk/api/http";
import { seconds } from "@ropewalk/kernel/units";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { atTheWheel } from "./at-the-wheel.ts";
import { Connections, Streams } from "./crash-traffic.ts";
import { changesFile, fateFile } from "./fated-hands.ts";
import { fatedProgram } from "./fated-program.ts";
import { foreignSources } from "./foreign-sources.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

/** Other tests may have the processors meanwhile. */
const patience = seconds(40);

/** When to die: "never 0" lives, and its changes are counted. */
export type Fate = `${"before" | "after" | "never"} ${number}`;

export class CrashSite implements AsyncDisposable {
  readonly place: NodeInLab;
  readonly #program: string;
  readonly #untouched: string;
  #cutAt: bigint | undefined;
  #lives = 0;
  #ports = 20_000;

  private constructor(place: NodeInLab, program: string, untouched: string) {
    this.place = place;
    this.#program = program;
    this.#untouched = untouched;
  }

  static async open(): Promise<CrashSite> {
    // With equal ones the kernel tells of carriers at most once a second, and a cut after a cut would lose what comes meanwhile.
    const place = await NodeInLab.openMeasuring(2, "", { ifindexes: "unequal" });
    return new CrashSite(place, await fatedProgram(join(place.folder, "program")), await machineOf(place));
  }

  /** One whose fate may be written at any time; it keeps what earlier ones with the same `state` kept. */
  life(state: string): Life {
    this.#lives += 1;
    const folder = join(this.place.folder, `life-${this.#lives}`);
    mkdirSync(folder);
    return new Life(this.place, this.#program, folder, this.#env(state));
  }

  /** Runs a command of the program, whether a node lives or not. */
  async say(state: string, ...words: readonly string[]): Promise<void> {
    const { status, stderr } = await this.place.run(["uplink", ...words], { env: this.#env(state) });
    assert.equal(status, 0, stderr);
  }

  #env(state: string): Readonly<Record<string, string>> {
    return { ...atTheWheel, ROPEWALK_STATE_DIR: join(this.place.folder, state) };
  }

  /** The name of a folder that no life has had. */
  freshState(): string {
    return `state-${this.#lives}`;
  }

  /** Bound ones have the source of wan0, and so must leave by it; the others take whatever way there is. */
  async streams(kind: "free" | "bound"): Promise<Streams> {
    this.#ports += 1;
    return Streams.start(this.place, this.#ports, kind === "bound");
  }

  async cut(): Promise<void> {
    this.#cutAt = (await this.place.lab.cut("wan0")).at;
  }

  async heal(): Promise<void> {
    await this.place.lab.heal("wan0");
  }

  /** Of packets that no cut has taken. */
  async lossOf(...streams: readonly (Streams | undefined)[]): Promise<readonly string[]> {
    const faults = await Promise.all(streams.map((one) => one?.faults(this.#cutAt)));
    return faults.flatMap((found) => found ?? []);
  }

  /** Connections of edge's own to the internet, by the uplink in use. */
  async connections(): Promise<Connections> {
    this.#ports += 1;
    const { place } = this;
    return Connections.open(place, this.#ports);
  }

  /** What is not as it was before everything, and what left by the wrong uplink meanwhile. */
  async remains(): Promise<readonly string[]> {
    const now = await machineOf(this.place);
    const left = now === this.#untouched ? [] : [`the machine is not as it was: ${differenceOf(this.#untouched, now)}`];
    return [...left, ...(await foreignSources(this.place.lab))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.place[Symbol.asyncDispose]();
  }
}

/** One lab for many trials; where something went wrong the next one gets a new one. */
export class CrashSites implements AsyncDisposable {
  #site: CrashSite | undefined;

  async use<T extends { readonly faults: readonly string[] }>(work: (site: CrashSite) => Promise<T>): Promise<T> {
    let isGood = false;
    try {
      this.#site ??= await CrashSite.open();
      const outcome = await work(this.#site);
      isGood = outcome.faults.length === 0;
      return outcome;
    } finally {
      if (!isGood) await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const site = this.#site;
    this.#site = undefined;
    await site?.[Symbol.asyncDispose]();
  }
}

export class Life implements AsyncDisposable {
  readonly #place: NodeInLab;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly node: Started;

  constructor(place: NodeInLab, program: string, folder: string, env: Readonly<Record<string, string>>) {
    this.#place = place;
    this.#folder = folder;
    this.#env = env;
    this.node = place.start([folder], { program: [program], env });
  }

  /** Its changes are counted from now on. */
  fate(fate: Fate): void {
    writeFileSync(fateFile(this.#folder), fate);
  }

  /** Those since its fate was written, by their names. */
  get changes(): readonly string[] {
    try {
      return readFileSync(changesFile(this.#folder), "utf8").trimEnd().split("\n");
    } catch {
      return [];
    }
  }

  /** All that it wants is so, and both uplinks were found good. */
  settled(): Promise<void> {
    return this.#until("both uplinks are up, and nothing is left to do", async ({ backhaul: { uplinks } }) => {
      return uplinks.length === 2 && uplinks.every(({ ipv4, ipv6 }) => ipv4.state === "up" && ipv6.state === "up");
    });
  }

  /** It has ended what was left half done. */
  answers(): Promise<void> {
    return this.#until("it answers", async ({ health }) => health.ready);
  }

  /** It has decided so for both families, and done all that this takes. */
  isUsing(name: string): Promise<void> {
    return this.#until(`traffic is sent by ${name}`, async ({ backhaul: { decisions } }) => {
      return decisions.ipv4.name === name && decisions.ipv6.name === name;
    });
  }

  /** Waits until it says so, and has nothing left to do unless it only waits to be told. */
  async #until(what: string, isSo: (status: NodeStatus) => Promise<boolean>): Promise<void> {
    const seen = new Set<string>();
    const isTrue = async () => {
      const client = this.#place.client();
      const status = await client.status(soon());
      if (!(await isSo(status))) return false;
      if (status.backhaul.steering.standing !== "steering") return true;
      const { steps } = await client.plan(soon());
      seen.add(JSON.stringify(steps));
      return steps.length === 0;
    };
    await this.node.until(what, isTrue, patience).catch((cause: unknown) => {
      throw new Error(`what was left to do: ${[...seen].join("; ")}`, { cause });
    });
  }

  /** Runs a command of the program beside it. */
  async say(...words: readonly string[]): Promise<void> {
    const { status, stderr } = await this.#place.run(["uplink", ...words], { env: this.#env });
    assert.equal(status, 0, stderr);
  }

  /** Whether it died of its fate while `work` was done. Whatever else goes wrong is thrown. */
  async diesWhile(work: () => Promise<void>): Promise<boolean> {
    let hasEnded = false;
    void this.node.process.exited.then(() => {
      hasEnded = true;
    });
    try {
      await work();
    } catch (error) {
      // A command learns that the node is gone from its socket, which may be before we do.
      await this.node.until("it has ended", () => false).catch(() => {});
      if (!hasEnded) throw error;
    }
    return hasEnded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}

/** Rules of one priority stand in the order in which they came. */
async function machineOf(place: NodeInLab): Promise<string> {
  return (await snapshot(place.edge)).split("\n").toSorted().join("\n");
}

function differenceOf(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const gone = old.filter((line) => !now.includes(line)).map((line) => `- ${line}`);
  const come = now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  return `\n${[...gone, ...come].join("\n") || "as many lines twice"}`;
}
