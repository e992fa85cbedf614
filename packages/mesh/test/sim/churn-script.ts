/**
 * What is done to a mesh in churn: who comes and goes when, when and along which lines the mesh is in two, who writes to whom. It follows from the
 * seed, and not from what nodes do: whoever has a part of the mesh knows it of all.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { type Graph, hopsFrom, neighboursOf } from "./graphs.ts";
import { type Delays, type MeshSim, usualDelays } from "./mesh-sim.ts";
import type { Station } from "./station.ts";

export interface ChurnOptions {
  readonly seed: number;
  readonly graph: Graph;
  /** Of each node the number of the town in which it is: what leads from one town to another is a long line. */
  readonly towns: readonly number[];
  readonly messages: number;
  /** In which they are written, all alike likely at any time of it. */
  readonly written: Millis;
  /** Of being on, and of being off, on the average. */
  readonly uptime: Millis;
  /** When the first begins, how long each lasts, and the time from one to the next. */
  readonly partitions: { readonly first: Millis; readonly last: Millis; readonly every: Millis };
}

/** Of lines between towns: no town hears of another sooner. */
export const leastLongDelay: Millis = millis(40);
const longDelays: Delays = { least: leastLongDelay, most: millis(80) };

export function delaysOf({ towns }: ChurnOptions): (one: number, other: number) => Delays {
  return (one, other) => (towns[one] === towns[other] ? usualDelays : longDelays);
}

export class ChurnScript {
  readonly #options: ChurnOptions;
  readonly #sim: MeshSim;
  readonly #write: (from: Station, to: Station) => void;
  readonly #random: Random;

  constructor(options: ChurnOptions, sim: MeshSim, write: (from: Station, to: Station) => void) {
    this.#options = options;
    this.#sim = sim;
    this.#write = write;
    this.#random = new Random(options.seed).fork("churn");
  }

  begin(): void {
    const { messages, written, partitions } = this.#options;
    const { time, stations } = this.#sim;
    for (const { index } of stations)
      if (this.#random.isLucky(0.5)) this.#start(index);
      else this.#wait(index);
    for (let number = 0; number < messages; number += 1)
      time.after(millis(this.#random.unit() * written), () => this.#order());
    time.after(partitions.first, () => this.#part());
  }

  /** Somebody who is on, to anybody. */
  #order(): void {
    const { stations } = this.#sim;
    const alive = stations.filter(({ isAlive }) => isAlive);
    const from = alive[this.#random.below(alive.length)];
    const to = stations[this.#random.below(stations.length)];
    if (from !== undefined && to !== undefined && from !== to) this.#write(from, to);
  }

  #start(index: number): void {
    this.#sim.start(index);
    this.#sim.time.after(this.#while(), () => {
      this.#sim.kill(index, "told");
      this.#wait(index);
    });
  }

  #wait(index: number): void {
    this.#sim.time.after(this.#while(), () => this.#start(index));
  }

  #while(): Millis {
    return millis(this.#random.exponential(this.#options.uptime));
  }

  #part(): void {
    const { last, every } = this.#options.partitions;
    this.#sim.part(this.#side(this.#random.below(this.#options.graph.size)));
    this.#sim.time.after(last, () => this.#sim.healAll());
    this.#sim.time.after(every, () => this.#part());
  }

  /** The half that is nearest to some node. */
  #side(to: number): (index: number) => boolean {
    const { graph } = this.#options;
    const hops = hopsFrom(neighboursOf(graph), to).map((count) => count ?? graph.size);
    const middle = hops.toSorted((one, other) => one - other)[Math.floor(graph.size / 2)] ?? 0;
    return (index) => (hops[index] ?? 0) < middle;
  }
}
