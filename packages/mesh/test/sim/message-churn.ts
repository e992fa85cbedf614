/**
 * Messages in a mesh of which half is off at any time: everybody comes and goes, the mesh is cut in two for a while, and who is there writes to
 * anybody, there or not. What is told: how many arrived, how often each, how many held one, and what was carried for it; and what an epidemic
 * without bounds would have come to in the same network.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { Epidemic } from "./epidemic.ts";
import { type Graph, hopsFrom, neighboursOf } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";

export interface MessageChurnOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly messages: number;
  /** In which they are written, all alike likely at any time of it. */
  readonly written: Millis;
  /** From the first on, with what is waited for behind the last. */
  readonly lasts: Millis;
  /** Of being on, and of being off, on the average. */
  readonly uptime: Millis;
  readonly partition: { readonly from: Millis; readonly until: Millis };
  readonly report?: (line: string) => void;
}

export interface MessageChurn {
  readonly written: number;
  readonly arrived: number;
  /** Messages that an application has more than once. */
  readonly repeated: number;
  /** Whose senders have their proofs. */
  readonly proved: number;
  /** Nodes that held the same envelope at a time, its sender among them. */
  readonly mostCopies: number;
  /** Of frames of messages, over each hop. */
  readonly octets: number;
  /** From when it was written; of those that arrived. */
  readonly latencies: readonly number[];
  readonly epidemic: { readonly arrived: number; readonly mostCopies: number; readonly octets: number };
}

const contentLength = 200;
/** As an envelope of this content is, padded. */
const envelopeLength = 256;
const life = seconds(86_400);
const lookEvery = seconds(10);
/** Of looks. */
const reportEvery = 60;
const port = 7;

export function messageChurn(options: MessageChurnOptions): MessageChurn {
  const churn = new Churn(options);
  churn.run();
  return churn.found();
}

interface Written {
  readonly at: Millis;
  readonly to: number;
  arrivedAt?: Millis;
}

class Churn {
  readonly #options: MessageChurnOptions;
  readonly #sim: MeshSim;
  readonly #random: Random;
  readonly #epidemic: Epidemic;
  /** Not on the disk yet: who dies now has never sent it. */
  readonly #handedIn = new Map<string, Written>();
  readonly #messages = new Map<string, Written>();
  readonly #proved = new Set<string>();
  #mostCopies = 0;

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
  }

  run(): void {
    const { messages, written, lasts, partition } = this.#options;
    const { time, stations } = this.#sim;
    for (const { index } of stations)
      if (this.#random.isLucky(0.5)) this.#start(index);
      else this.#wait(index);
    for (let number = 0; number < messages; number += 1)
      time.after(millis(this.#random.unit() * written), () => this.#write());
    time.after(partition.from, () => this.#sim.part(this.#side()));
    time.after(partition.until, () => this.#sim.healAll());
    while (time.now < lasts) {
      this.#sim.run(lookEvery);
      this.#look();
    }
  }

  found(): MessageChurn {
    const all = [...this.#messages.values()];
    const counts = this.#sim.stations.flatMap(({ disk }) => [...disk.received.values()]);
    const { delivered: arrived, mostCopies, octets } = this.#epidemic;
    return {
      ...{ written: all.length, arrived: all.filter(({ arrivedAt }) => arrivedAt !== undefined).length },
      ...{ repeated: counts.filter((count) => count > 1).length, proved: this.#proved.size },
      ...{ mostCopies: this.#mostCopies, epidemic: { arrived, mostCopies, octets } },
      octets: this.#sim.stations.reduce((sum, { messageOctets }) => sum + messageOctets, 0),
      latencies: all.flatMap(({ at, arrivedAt }) => (arrivedAt === undefined ? [] : [arrivedAt - at])),
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
    this.#messages.set(id, written);
    this.#epidemic.post(this.#sim.connected(), { from, to: written.to, octets: envelopeLength });
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

  /** The half that is nearest to node 0. */
  #side(): (index: number) => boolean {
    const { graph } = this.#options;
    const hops = hopsFrom(neighboursOf(graph), 0).map((count) => count ?? graph.size);
    const middle = hops.toSorted((one, other) => one - other)[Math.floor(graph.size / 2)] ?? 0;
    return (index) => (hops[index] ?? 0) < middle;
  }

  #look(): void {
    const { time, stations } = this.#sim;
    this.#epidemic.look(this.#sim.connected());
    const holders = new Map<string, number>();
    for (const { disk } of stations)
      for (const tag of [...disk.custody.keys(), ...disk.sealed.keys()]) holders.set(tag, (holders.get(tag) ?? 0) + 1);
    for (const count of holders.values()) this.#mostCopies = Math.max(this.#mostCopies, count);
    for (const [id, message] of this.#messages)
      if (message.arrivedAt === undefined && stations[message.to]?.disk.received.has(id) === true)
        message.arrivedAt = time.now;
    if (time.now % (reportEvery * lookEvery) === 0) this.#report(holders.size);
  }

  #report(held: number): void {
    const { written, arrived, proved, epidemic, octets } = this.found();
    const alive = this.#sim.stations.filter(({ isAlive }) => isAlive).length;
    this.#options.report?.(
      `${Math.round(this.#sim.time.now / 60_000)} min: ${alive} on, ${written} written, ${arrived} arrived, ${proved} proved, epidemic ${epidemic.arrived}, ${held} envelopes held, ${Math.round(octets / 1e6)} MB`,
    );
  }
}

/** Of all, for people. */
export function describeChurn({
  written,
  arrived,
  repeated,
  proved,
  mostCopies,
  octets,
  latencies,
  epidemic,
}: MessageChurn): string {
  const share = (count: number) => `${((100 * count) / written).toFixed(2)} %`;
  const sorted = latencies.toSorted((one, other) => one - other);
  const at = (part: number) => Math.round((sorted[Math.floor(part * sorted.length)] ?? 0) / 1000);
  return [
    `${written} written, ${share(arrived)} arrived (${share(proved)} proved), ${repeated} more than once`,
    `half within ${at(0.5)} s, nine of ten within ${at(0.9)} s; at most ${mostCopies} held one, ${Math.round(octets / written)} octets carried for each`,
    `epidemic: ${share(epidemic.arrived)} arrived, at most ${epidemic.mostCopies} held one, ${Math.round(epidemic.octets / written)} octets for each`,
  ].join("; ");
}
