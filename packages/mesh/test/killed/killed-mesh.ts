/**
 * Three nodes in a row, of which the first writes to the last all the time and each is killed again and again, or loses its power: wherever
 * that finds them, what was accepted arrives once, and nothing is used twice.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "@ropewalk/simnet/random";
import { freePlace } from "../nodes-on-loopback.ts";
import { type Death, KilledNode } from "./killed-node.ts";
import { bundledProgram } from "./killed-node-program.ts";
import type { KilledNodeTask } from "./killed-node-task.ts";
import { Ledger } from "./ledger.ts";

export type HowNodesDie = "killed" | "power-cut";

export interface KilledMeshResult {
  readonly faults: readonly string[];
  readonly accepted: number;
  readonly arrived: number;
  /** Envelopes and announces that came to a node. */
  readonly seen: number;
}

const atOnce = 48;
const mostLines = 150;
const mostCalls = 240;
/**
 * For all that is under way to arrive, when nobody dies any more. What was sealed in a chain that gave way meanwhile is sealed anew two
 * minutes after its sender's last start, or four, or eight.
 */
const longestEnd = 600_000;
/** What its sender knows to be there, or has forgotten, has been read by then. */
const mostLooks = 1_000;

export async function killedMesh(
  how: HowNodesDie,
  deaths: number,
  seed: number,
  report?: (line: string) => void,
): Promise<KilledMeshResult> {
  const parent = mkdtempSync(join(tmpdir(), "ropewalk-killed-"));
  const mesh = new KilledMesh(how, new Random(seed), await nodesIn(parent));
  try {
    await mesh.dieOften(deaths, report);
    await mesh.arrive();
    return mesh.result;
  } finally {
    await mesh.end();
    rmSync(parent, { recursive: true });
  }
}

async function nodesIn(parent: string): Promise<readonly KilledNode[]> {
  const names = ["sender", "relay", "recipient"];
  const ports = new Set<number>();
  const program = await bundledProgram(parent);
  while (ports.size < names.length) ports.add(Number((await freePlace()).split(":").at(-1)));
  return await Promise.all(
    [...ports].map((port, index) => KilledNode.create(program, parent, names[index] ?? "", port)),
  );
}

class KilledMesh {
  readonly #how: HowNodesDie;
  readonly #chance: Random;
  readonly #nodes: readonly KilledNode[];
  readonly #ledger = new Ledger();
  #lives: readonly Promise<void>[] = [];
  #left = Number.POSITIVE_INFINITY;

  constructor(how: HowNodesDie, chance: Random, nodes: readonly KilledNode[]) {
    this.#how = how;
    this.#chance = chance;
    this.#nodes = nodes;
  }

  get result(): KilledMeshResult {
    const { faults, missing, accepted, arrived, seen } = this.#ledger;
    const lost = missing.map((each) => `${each} was accepted and never arrived`);
    return { faults: [...faults, ...lost], accepted, arrived, seen };
  }

  async dieOften(deaths: number, report: ((line: string) => void) | undefined): Promise<void> {
    let died = 0;
    const lives = this.#nodes.map(async (_, at) => {
      for (let next = at; next < deaths; next += this.#nodes.length) {
        await this.#live(at, atOnce, this.#death());
        died += 1;
        const { accepted, arrived, faults } = this.#ledger;
        if (died % 50 === 0)
          report?.(`${died} deaths, ${accepted} accepted, ${arrived} arrived, ${faults.length} faults`);
      }
    });
    await Promise.all(lives);
  }

  /** All live, and nothing more is written: until all that was accepted is there, and its sender knows it. */
  async arrive(): Promise<void> {
    this.#left = Number.POSITIVE_INFINITY;
    this.#lives = this.#nodes.map((_, at) => this.#live(at, 0, undefined));
    const ended = Promise.withResolvers<void>();
    let looks = 0;
    const look = setInterval(() => {
      looks = this.#left === 0 ? looks + 1 : 0;
      if (looks > mostLooks || (looks > 0 && this.#ledger.missing.length === 0)) ended.resolve();
    }, 20);
    const limit = setTimeout(ended.resolve, longestEnd);
    try {
      await Promise.race([ended.promise, ...this.#lives]);
    } finally {
      clearInterval(look);
      clearTimeout(limit);
    }
    if (this.#left > 0) this.#ledger.faults.push(`${this.#left} stay in the outbox, though all live`);
  }

  async end(): Promise<void> {
    for (const node of this.#nodes) node.kill();
    await Promise.allSettled(this.#lives);
  }

  #live(at: number, writing: number, death: Death | undefined): Promise<void> {
    const node = this.#nodes[at] as KilledNode;
    const hear = (line: string) => {
      if (at === 0 && line.startsWith("left ")) this.#left = Number(line.slice("left ".length));
      this.#ledger.hear(node.name, line);
    };
    const power = death !== undefined && this.#how === "power-cut" ? this.#chance : undefined;
    return node.live(this.#task(at, writing), hear, death, power);
  }

  #task(at: number, writing: number): Omit<KilledNodeTask, "folder" | "port"> {
    const peers = this.#nodes.filter((_, other) => Math.abs(other - at) === 1).map(({ port }) => port);
    const last = this.#nodes.at(-1) as KilledNode;
    const to = { address: last.address, key: last.key.toHex(), atOnce: writing };
    return { peers, writesTo: at === 0 ? to : undefined };
  }

  /** Where the power is cut is known by calls alone: between two of them the disk is the same. */
  #death(): Death {
    const count = (most: number) => 1 + Math.floor(this.#chance.unit() * most);
    return this.#how === "killed"
      ? { kind: "at-line", count: count(mostLines) }
      : { kind: "at-call", count: count(mostCalls) };
  }
}
