/**
 * Messages in a mesh of which half is off at any time: everybody comes and goes, the mesh is cut in two now and then, each time along another
 * line, and who is there writes to anybody, there or not. What is told: how many arrived, how often each, how many held one, and what was carried
 * for it; and what an epidemic without bounds would have come to in the same network.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { type ChurnFigures, type MessageChurn, mostCopies } from "./churn-figures.ts";
import { Epidemic } from "./epidemic.ts";
import { type Graph, hopsFrom, neighboursOf } from "./graphs.ts";
import { Holders } from "./holders.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";

export interface MessageChurnOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly messages: number;
  /** In which they are written, all alike likely at any time of it. */
  readonly written: Millis;
  /** From the first on, at most. */
  readonly lasts: Millis;
  /** It ends as soon as such a share of all that were written has arrived. */
  readonly enough: number;
  /** Of being on, and of being off, on the average. */
  readonly uptime: Millis;
  /** When the first begins, how long each lasts, and the time from one to the next. */
  readonly partitions: { readonly first: Millis; readonly last: Millis; readonly every: Millis };
  readonly report?: (line: string) => void;
}

const contentLength = 200;
/** As an envelope of this content is, padded. */
const envelopeLength = 256;
const life = seconds(86_400);
const lookEvery = seconds(10);
/** Of looks. */
const [countEvery, reportEvery] = [3, 60];
const port = 7;

export function messageChurn(options: MessageChurnOptions): MessageChurn {
  const churn = new Churn(options);
  churn.run();
  return churn.found();
}

interface Written {
  readonly at: Millis;
  readonly to: number;
}

class Churn {
  readonly #options: MessageChurnOptions;
  readonly #sim: MeshSim;
  readonly #random: Random;
  readonly #epidemic: Epidemic;
  readonly #holders: Holders;
  /** Not on the disk yet: who dies now has never sent it. */
  readonly #handedIn = new Map<string, Written>();
  /** On the disk, and not arrived as far as it was looked. */
  readonly #underWay = new Map<string, Written>();
  readonly #latencies: number[] = [];
  readonly #proved = new Set<string>();
  #written = 0;
  #looks = 0;

  constructor(options: MessageChurnOptions) {
    const { seed, graph } = options;
    this.#options = options;
    this.#random = new Random(seed).fork("churn");
    this.#sim = new MeshSim({
      ...{ seed, graph, make: messageNodes },
      onMessage: (station, event) => {
        if (event.kind === "accepted") this.#accepted(station.index, event.id);
        if (event.kind === "delivered") this.#proved.add(event.id);
        if (event.kind === "received") station.withMessages((_, desk) => desk.take(event.number, () => {}));
      },
    });
    this.#epidemic = new Epidemic((node) => this.#sim.station(node).isAlive);
    this.#holders = new Holders(this.#sim.stations);
  }

  run(): void {
    const { messages, written, lasts, partitions, enough } = this.#options;
    const { time, stations } = this.#sim;
    for (const { index } of stations)
      if (this.#random.isLucky(0.5)) this.#start(index);
      else this.#wait(index);
    for (let number = 0; number < messages; number += 1)
      time.after(millis(this.#random.unit() * written), () => this.#write());
    time.after(partitions.first, () => this.#part());
    while (time.now < lasts) {
      this.#sim.run(lookEvery);
      this.#look();
      if (time.now > written && this.#latencies.length >= enough * this.#written) break;
    }
    this.#holders.count();
  }

  found(): MessageChurn {
    const { stations, time } = this.#sim;
    const counts = stations.flatMap(({ disk }) => [...disk.received.values()]);
    const { latencies, copies, octets } = this.#epidemic;
    const mesh: ChurnFigures = {
      ...{ latencies: this.#latencies, copies: this.#holders.most },
      octets: stations.reduce((sum, { messageOctets }) => sum + messageOctets, 0),
    };
    return {
      ...{ written: this.#written, took: time.now, repeated: counts.filter((count) => count > 1).length },
      ...{ proved: this.#proved.size, mesh, epidemic: { latencies, copies, octets } },
    };
  }

  /** Somebody who is on, to anybody. */
  #write(): void {
    const { stations, time } = this.#sim;
    const alive = stations.filter(({ isAlive }) => isAlive);
    const from = alive[this.#random.below(alive.length)];
    const to = stations[this.#random.below(stations.length)];
    if (from === undefined || to === undefined || from === to) return;
    // It has his key from before, as who writes to somebody has.
    const content = new Uint8Array(contentLength);
    const taken = from.withMessages((now, desk) => {
      desk.keys.contacts.put({ address: to.address, key: to.crypto.publicKey, name: undefined });
      return desk.accept(now, { to: to.address, port, priority: 1, life, content });
    });
    if (taken === undefined || "kind" in taken) return;
    this.#handedIn.set(taken.id, { at: time.now, to: to.index });
  }

  #accepted(from: number, id: string): void {
    const written = this.#handedIn.get(id);
    if (written === undefined || !this.#handedIn.delete(id)) return;
    this.#underWay.set(id, written);
    this.#written += 1;
    this.#epidemic.post(written.at, this.#sim.connected(), { from, to: written.to, octets: envelopeLength });
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

  #look(): void {
    const { time, stations } = this.#sim;
    this.#looks += 1;
    this.#epidemic.look(time.now, this.#sim.connected());
    if (this.#looks % countEvery === 0) this.#holders.count();
    for (const [id, { at, to }] of this.#underWay) {
      if (stations[to]?.disk.received.has(id) !== true) continue;
      this.#underWay.delete(id);
      this.#latencies.push(time.now - at);
    }
    if (this.#looks % reportEvery === 0) this.#report();
  }

  #report(): void {
    const found = this.found();
    const { written, proved, repeated, mesh, epidemic } = found;
    const alive = this.#sim.stations.filter(({ isAlive }) => isAlive).length;
    this.#options.report?.(
      `${Math.round(this.#sim.time.now / 60_000)} min: ${alive} on, ${written} written, ${mesh.latencies.length} arrived, ${proved} proved, epidemic ${epidemic.latencies.length}, ${repeated} more than once, ${this.#holders.held} copies held, ${mostCopies(found.mesh)} of one at most, ${Math.round(mesh.octets / 1e6)} MB`,
    );
  }
}
