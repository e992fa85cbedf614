/**
 * A lab in which the node is killed at one of its changes of the kernel, again and again. Each trial begins on an untouched machine
 * and ends on one; what is not as it must be comes back as sentences.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeStatus } from "@ropewalk/api/http";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import type { Packet } from "@ropewalk/lab/packet-record";
import {
  type HeldConnections,
  holdConnections,
  type ReceivedStream,
  receiveStream,
  type SentStream,
  sendStream,
  serveEcho,
} from "@ropewalk/lab/traffic";
import type { TrafficProcess } from "@ropewalk/lab/traffic-process";
import { changesFile, fateFile } from "./fated-hands.ts";
import { foreignSources } from "./foreign-sources.ts";
import { snapshot } from "./machine-snapshot.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

const fatedMain = join(import.meta.dirname, "fated-main.ts");
const atTheWheel = {
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
  ROPEWALK_BACKHAUL_SETTLING_RETURN_AFTER: "1s",
  ROPEWALK_BACKHAUL_CHOICE_RETURN_FOR: "1s",
};
/** Other tests may have the processors meanwhile. */
const patience = seconds(40);
const mostLost = 1;
const rate = 200;
/** For so long the kernel may go on sending into a cut cable; a hole that somebody's death leaves lasts until he is back. */
const cutTakes = 200_000_000n;
const targets = [ipAddress("203.0.113.10"), ipAddress("2001:db8:80:1::10")] as const;
/** Of wan0. */
const sources = [ipAddress("198.18.0.2"), ipAddress("2001:db8:a0::2")] as const;

/** When to die: "never 0" lives, and its changes are counted. */
export type Fate = `${"before" | "after" | "never"} ${number}`;

export class CrashSite implements AsyncDisposable {
  readonly place: NodeInLab;
  readonly #untouched: string;
  #cutAt: bigint | undefined;
  #lives = 0;
  #ports = 20_000;

  private constructor(place: NodeInLab, untouched: string) {
    this.place = place;
    this.#untouched = untouched;
  }

  static async open(): Promise<CrashSite> {
    // With equal ones the kernel tells of carriers at most once a second, and a cut after a cut would lose what comes meanwhile.
    const place = await NodeInLab.openMeasuring(2, "", { ifindexes: "unequal" });
    return new CrashSite(place, await machineOf(place));
  }

  /** One whose fate may be written at any time; it keeps what earlier ones with the same `state` kept. */
  life(state: string): Life {
    this.#lives += 1;
    const folder = join(this.place.folder, `life-${this.#lives}`);
    mkdirSync(folder);
    return new Life(this.place, folder, this.#env(state));
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

  constructor(place: NodeInLab, folder: string, env: Readonly<Record<string, string>>) {
    this.#place = place;
    this.#folder = folder;
    this.#env = env;
    this.node = place.start([folder], { main: fatedMain, env });
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

/** A packet every few milliseconds from edge to the internet in each family. */
export class Streams implements AsyncDisposable {
  readonly #receiver: TrafficProcess<ReceivedStream>;
  readonly #senders: readonly TrafficProcess<SentStream>[];

  private constructor(receiver: TrafficProcess<ReceivedStream>, senders: readonly TrafficProcess<SentStream>[]) {
    this.#receiver = receiver;
    this.#senders = senders;
  }

  static async start(place: NodeInLab, port: number, isBound: boolean): Promise<Streams> {
    const receiver = await receiveStream(place.lab.host("target-1"), { port });
    const sender = (to: IpAddress, family: number) => {
      const from = isBound ? sources[family] : undefined;
      return sendStream(place.edge, { to, port, rate, ...(from && { from }) });
    };
    const senders = await Promise.all(targets.map(sender));
    return new Streams(receiver, senders);
  }

  /** More than may be lost; what a cut at `cutAt` takes is not counted. */
  async faults(cutAt: bigint | undefined): Promise<readonly string[]> {
    const sent = await Promise.all(this.#senders.map((sender) => sender.stop()));
    const { packets } = await this.#receiver.stop();
    return sent.flatMap(({ numbers, errors }, index) => {
      const to = targets[index];
      const own = packets.filter(({ address }) => address.includes(":") === to?.includes(":"));
      const lost = lostOf(own, numbers).filter((sentAfter) => cutAt === undefined || !isTakenBy(cutAt, sentAfter));
      const failed = JSON.stringify(errors);
      return lost.length <= mostLost ? [] : [`${lost.length} of ${numbers} packets to ${to} lost, errors ${failed}`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#receiver, ...this.#senders].map((one) => one[Symbol.asyncDispose]()));
  }
}

export class Connections implements AsyncDisposable {
  readonly #server: TrafficProcess<void>;
  readonly #held: TrafficProcess<HeldConnections>;

  private constructor(server: TrafficProcess<void>, held: TrafficProcess<HeldConnections>) {
    this.#server = server;
    this.#held = held;
  }

  static async open(place: NodeInLab, port: number): Promise<Connections> {
    const server = await serveEcho(place.lab.host("target-1"), port);
    return new Connections(server, await holdConnections(place.edge, { to: targets[0], port, count: 2 }));
  }

  /** Of those that should have been ended. */
  async faults(): Promise<readonly string[]> {
    const { held, ended } = await this.#held.stop();
    return ended.length === held ? [] : [`${ended.length} of ${held} connections on the cut uplink were ended`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** For each lost one, when the last before it that came was sent. */
function lostOf(packets: readonly Packet[], numbers: number): readonly bigint[] {
  const sentAt = new Map(packets.map((packet) => [packet.number, packet.sentAt]));
  const lost: bigint[] = [];
  let last = 0n;
  for (let number = 0; number < numbers; number += 1) {
    const sent = sentAt.get(number);
    if (sent === undefined) lost.push(last);
    else last = sent;
  }
  return lost;
}

function isTakenBy(cutAt: bigint, sentAfter: bigint): boolean {
  return cutAt - cutTakes < sentAfter && sentAfter < cutAt + cutTakes;
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
