/**
 * A mesh in one process on virtual time: a station for each node of a graph, a cable for each of its edges. Nodes die and come back,
 * with what they kept or without, and cables are cut and healed; all chance is of one seed.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type BitsPerSecond, bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import { Random } from "@ropewalk/simnet/random";
import { VirtualTime } from "@ropewalk/simnet/virtual-time";
import { absentNode } from "./absent-node.ts";
import { Cable } from "./cable.ts";
import type { Graph } from "./graphs.ts";
import { MemoisedVerdicts } from "./memoised-verdicts.ts";
import type { Line } from "./outlet.ts";
import { type AskedCut, allHere, type MeshPart, type Rise } from "./parts/mesh-part.ts";
import { anyIdentity, SimCrypto } from "./sim-crypto.ts";
import type { MakeNode } from "./simulated-node.ts";
import { type Port, type ProbeResult, Station } from "./station.ts";

export interface MeshSimOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly make: MakeNode;
  readonly rate?: BitsPerSecond;
  /** Of the cable between two nodes. */
  readonly delays?: (one: number, other: number) => Delays;
  /** False: each node verifies for itself. */
  readonly isMemoised?: boolean;
  /** Of a mesh that is simulated in parts. Of nodes that are elsewhere it is known who lives and which of their cables are up. */
  readonly part?: MeshPart;
  /** What nodes tell their applications of messages. */
  readonly onMessage?: (station: Station, event: MessageEvent) => void;
}

/** One way: all alike likely between them. */
export interface Delays {
  readonly least: Millis;
  readonly most: Millis;
}

/** How a neighbour learns that a node is dead: its links close, or nothing is ever heard of it again, as when the power is gone. */
export type Death = "told" | "silent";

/** A cut is mended by dialling again, as the shell does. */
const redial = seconds(5);
export const usualDelays: Delays = { least: millis(1), most: millis(15) };
/** Nodes are switched on within so long. */
const startSpread = 200;

export class MeshSim {
  readonly seed: number;
  readonly time: VirtualTime = new VirtualTime();
  readonly random: Random;
  readonly stations: readonly Station[];
  readonly cables: readonly Cable[];
  readonly verdicts: MemoisedVerdicts | undefined;
  /** What nodes cut their links for. */
  readonly cuts: AskedCut[] = [];
  readonly #indexes: Map<MeshAddress, number> = new Map();
  readonly #cablesOf: readonly Map<number, Cable>[];
  readonly #part: MeshPart;
  readonly #onMessage: MeshSimOptions["onMessage"];
  #probes = 0;

  constructor(options: MeshSimOptions) {
    const {
      seed,
      graph,
      make,
      rate = bitsPerSecond(10_000_000),
      delays = () => usualDelays,
      isMemoised = true,
    } = options;
    this.#part = options.part ?? allHere;
    this.#onMessage = options.onMessage;
    this.seed = seed;
    this.random = new Random(seed);
    this.verdicts = isMemoised ? new MemoisedVerdicts(anyIdentity(), this.#part.verdicts) : undefined;
    this.stations = Array.from({ length: graph.size }, (_, index) => this.#station(index, make));
    for (const { address, index } of this.stations) this.#indexes.set(address, index);
    this.cables = graph.edges.map(([one, other], number) => {
      const random = this.random.fork(`cable ${one} ${other}`);
      const { least, most } = delays(one, other);
      return new Cable(this.time, this.station(one), this.station(other), {
        facts: { mtu: bytes(4096), bitrate: rate, cost: 0, duty: 1 },
        profile: { delay: millis(random.between(least, most)), rate, queue: seconds(1) },
        line: (from, to, link, count) => this.#line(from, to, link, { cable: number, count }),
      });
    });
    this.#cablesOf = this.stations.map(() => new Map());
    for (const cable of this.cables) {
      this.#cablesOf[cable.one.index]?.set(cable.other.index, cable);
      this.#cablesOf[cable.other.index]?.set(cable.one.index, cable);
    }
  }

  station(index: number): Station {
    const station = this.stations[index];
    if (station === undefined) throw new InternalError(`there is no node ${index}`);
    return station;
  }

  indexOf(address: MeshAddress): number | undefined {
    return this.#indexes.get(address);
  }

  cablesOf(index: number): readonly Cable[] {
    return [...(this.#cablesOf[index]?.values() ?? [])];
  }

  cableOf(one: number, other: number): Cable | undefined {
    return this.#cablesOf[one]?.get(other);
  }

  run(time: Millis): void {
    this.time.run(time);
  }

  /** Runs until `isSo`, looked at every `every`; how long it took, or undefined after `atMost`. */
  runUntil(
    isSo: () => boolean,
    { every, atMost }: { readonly every: Millis; readonly atMost: Millis },
  ): Millis | undefined {
    const began = this.time.now;
    while (this.time.now - began < atMost) {
      this.run(every);
      if (isSo()) return millis(this.time.now - began);
    }
    return undefined;
  }

  /** Everybody is switched on, within a fifth of a second; cables come up as soon as both their ends live. */
  startAll(): void {
    const random = this.random.fork("start");
    for (const { index } of this.stations) {
      this.time.after(millis(random.between(0, startSpread)), () => this.start(index));
    }
  }

  start(index: number): void {
    this.station(index).start();
    for (const cable of this.cablesOf(index)) cable.raise();
  }

  kill(index: number, death: Death): void {
    this.station(index).stop();
    if (death === "told") for (const cable of this.cablesOf(index)) cable.orphan(index);
  }

  /** Kills it, and starts it again: with its disk, or with an empty one. */
  restart(index: number, disk: "kept" | "wiped"): void {
    this.kill(index, "told");
    if (disk === "wiped") this.station(index).wipe();
    this.start(index);
  }

  /** Cuts what leads from one side to the other. */
  part(isOnOneSide: (index: number) => boolean): void {
    for (const cable of this.cables) if (isOnOneSide(cable.one.index) !== isOnOneSide(cable.other.index)) cable.cut();
  }

  healAll(): void {
    for (const cable of this.cables) cable.heal();
  }

  /** Asks a node to reach another; the result is in `resultOf` once it is there. */
  probe(from: number, to: number, kind: "ping" | "trace" = "ping"): number {
    this.#probes += 1;
    this.station(from).probe(this.#probes, this.station(to).address, kind);
    return this.#probes;
  }

  resultOf(from: number, probe: number): ProbeResult | undefined {
    return this.station(from).results.get(probe);
  }

  /** Who can reach whom now, by those who live and cables that are up. */
  connected(): Graph {
    const edges = this.cables.filter(({ isUp }) => isUp).map(({ one, other }) => [one.index, other.index] as const);
    return { size: this.stations.length, edges };
  }

  #station(index: number, make: MakeNode): Station {
    const random = this.random.fork(`node ${index}`);
    return new Station({
      index,
      make: this.#part.isHere(index) ? make : () => absentNode,
      time: this.time,
      phase: random.fork("phase").unit(),
      crypto: new SimCrypto(random.fork("crypto"), this.verdicts),
      random: () => random.unit(),
      cut: (station, port, why) => this.#cut(station, port, why),
      onMessage: this.#onMessage,
    });
  }

  #line(from: Station, to: Station, link: LinkId, rise: Rise): Line {
    const isLeaving = this.#part.isHere(from.index) && !this.#part.isHere(to.index);
    return isLeaving ? this.#part.lineTo(to.index, rise) : to.listen(link);
  }

  /** The word that a link is to be cut has come to its other end, when the node has said all that it had to say before. */
  heed({ at, by, of }: AskedCut): void {
    const cable = this.cableOf(by, of);
    if (cable === undefined) throw new InternalError(`${by} and ${of} are no neighbours`);
    this.time.at(at + cable.delay, () => cable.cut());
    this.time.at(at + redial, () => cable.heal());
  }

  #cut(station: Station, port: Port, why: string): void {
    const asked = { at: this.time.now, by: station.index, of: port.peer.index, why };
    this.cuts.push(asked);
    if (this.cableOf(asked.by, asked.of)?.has(port) !== true) return;
    this.heed(asked);
    this.#part.cut(asked);
  }
}
