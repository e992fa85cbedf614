/**
 * What goes from one part of a simulated mesh to the others: frames, with when and where they arrive, and cuts that nodes ask for. It is gathered
 * in a step, and goes over at its end; what comes is put where it will be heard later, so that it does not matter when it came.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshSim } from "../mesh-sim.ts";
import type { Line } from "../outlet.ts";
import { Batch, type Gathered } from "./batch.ts";
import type { AskedCut, MeshPart, Rise } from "./mesh-part.ts";
import { SharedVerdicts } from "./shared-verdicts.ts";

/** A way to another part, and what has come over it for later. */
interface Neighbour {
  readonly port: MessagePort;
  readonly leaving: Batch;
  readonly received: Gathered[];
}

export interface CrossingOptions {
  /** The number of this part. */
  readonly own: number;
  /** Of each node the number of its part. */
  readonly partOf: readonly number[];
  /** To each other part by its number; none to this one. Who made them closes them. */
  readonly ports: readonly (MessagePort | undefined)[];
  /** Of all parts together: see SharedVerdicts. */
  readonly verdicts: Int32Array<SharedArrayBuffer>;
}

export class Crossing implements MeshPart {
  readonly verdicts: SharedVerdicts;
  readonly #own: number;
  readonly #partOf: readonly number[];
  readonly #neighbours: readonly (Neighbour | undefined)[];

  constructor({ own, partOf, ports, verdicts }: CrossingOptions) {
    this.verdicts = new SharedVerdicts(verdicts);
    this.#own = own;
    this.#partOf = partOf;
    this.#neighbours = ports.map((port) => port && { port, leaving: new Batch(), received: [] });
  }

  isHere(node: number): boolean {
    return this.#partOf[node] === this.#own;
  }

  lineTo(node: number, rise: Rise): Line {
    const { leaving } = this.#neighbourOf(node);
    return {
      put: (arrival, frame) => leaving.add(rise, arrival, frame),
      // The other part knows as well when links end.
      clear: () => {},
    };
  }

  /** Who has no end of the cable need not know. */
  cut(asked: AskedCut): void {
    if (!this.isHere(asked.of)) this.#neighbourOf(asked.of).leaving.cuts.push(asked);
  }

  /** Hands over what was gathered until now. */
  send(now: Millis): void {
    for (const neighbour of this.#neighbours) {
      const taken = neighbour?.leaving.take(now);
      if (taken !== undefined) neighbour?.port.postMessage(taken, [taken.heads.buffer, taken.octets.buffer]);
    }
  }

  /** Puts what has come where it belongs; not before it was sent, for a part that is ahead has links that are not up here yet. */
  receiveInto(sim: MeshSim): void {
    for (const neighbour of this.#neighbours) {
      if (neighbour === undefined) continue;
      const { port, received } = neighbour;
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port))
        received.push(got.message);
      const later = received.findIndex(({ sent }) => sent > sim.time.now);
      for (const gathered of received.splice(0, later === -1 ? received.length : later)) this.#put(gathered, sim);
    }
  }

  #put(gathered: Gathered, sim: MeshSim): void {
    Batch.unpack(gathered, ({ cable: number, count }, arrival, frame) => {
      const cable = sim.cables[number];
      const here = cable !== undefined && this.isHere(cable.one.index) ? cable.one : cable?.other;
      if (here !== undefined) cable?.lineTo(here, count)?.put(arrival, frame);
    });
    for (const cut of gathered.cuts) sim.heed(cut);
  }

  #neighbourOf(node: number): Neighbour {
    const neighbour = this.#neighbours[this.#partOf[node] ?? this.#own];
    if (neighbour === undefined) throw new InternalError(`no way leads to the part of node ${node}`);
    return neighbour;
  }
}
