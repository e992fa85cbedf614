/**
 * A mesh in one process on virtual time: a station for each node of a graph, a cable for each of its edges. Nodes die and come back,
 * with what they kept or without, and cables are cut and healed; all chance is of one seed.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type BitsPerSecond, bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import { Random } from "@ropewalk/simnet/random";
import { VirtualTime } from "@ropewalk/simnet/virtual-time";
import { Cable } from "./cable.ts";
import type { Graph } from "./graphs.ts";
import { MemoisedVerdicts } from "./memoised-verdicts.ts";
import { anyIdentity, SimCrypto } from "./sim-crypto.ts";
import type { MakeNode } from "./simulated-node.ts";
import { type Port, type ProbeResult, Station } from "./station.ts";

export interface MeshSimOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly make: MakeNode;
  readonly rate?: BitsPerSecond;
  /** False: each node verifies for itself. */
  readonly isMemoised?: boolean;
  /** What nodes tell their applications of messages. */
  readonly onMessage?: (station: Station, event: MessageEvent) => void;
}

/** How a neighbour learns that a node is dead: its links close, or nothing is ever heard of it again, as when the power is gone. */
export type Death = "told" | "silent";

/** A cut is mended by dialling again, as the shell does. */
const redial = seconds(5);
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
  readonly cuts: { readonly at: Millis; readonly by: number; readonly of: number; readonly why: string }[] = [];
  readonly #indexes: Map<MeshAddress, number> = new Map();
  readonly #cablesOf: readonly Map<number, Cable>[];
  readonly #onMessage: MeshSimOptions["onMessage"];
  #probes = 0;

  constructor({ seed, graph, make, rate = bitsPerSecond(10_000_000), isMemoised = true, onMessage }: MeshSimOptions) {
    this.#onMessage = onMessage;
    this.seed = seed;
    this.random = new Random(seed);
    this.verdicts = isMemoised ? new MemoisedVerdicts(anyIdentity()) : undefined;
    this.stations = Array.from({ length: graph.size }, (_, index) => this.#station(index, make));
    for (const { address, index } of this.stations) this.#indexes.set(address, index);
    this.cables = graph.edges.map(([one, other]) => {
      const random = this.random.fork(`cable ${one} ${other}`);
      return new Cable(this.time, this.station(one), this.station(other), {
        facts: { mtu: bytes(4096), bitrate: rate, cost: 0, duty: 1 },
        profile: { delay: millis(random.between(1, 15)), rate, queue: seconds(1) },
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
      make,
      time: this.time,
      phase: random.fork("phase").unit(),
      crypto: new SimCrypto(random.fork("crypto"), this.verdicts),
      random: () => random.unit(),
      cut: (station, port, why) => this.#cut(station, port, why),
      onMessage: this.#onMessage,
    });
  }

  #cut(station: Station, port: Port, why: string): void {
    this.cuts.push({ at: this.time.now, by: station.index, of: port.peer.index, why });
    const cable = this.cableOf(station.index, port.peer.index);
    if (cable?.has(port) !== true) return;
    // Not before the node has said all that it has to say.
    this.time.after(millis(0), () => cable.cut());
    this.time.after(redial, () => cable.heal());
  }
}
