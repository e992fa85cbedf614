/**
 * A whole node that carries messages, between an honest neighbour and one that sends anything in place of what it said in a conversation, with all
 * that was in that: it throws nothing, believes no message that nobody sealed, does not lose its honest neighbour, and gets his messages still.
 */
import { millis, seconds } from "@ropewalk/kernel/units";
import { eachFor, type FuzzTarget } from "./fuzz-target.ts";
import { Capture } from "./sim/capture.ts";
import { chain } from "./sim/graphs.ts";
import { MeshSim } from "./sim/mesh-sim.ts";
import { messageNodes } from "./sim/message-node-maker.ts";

const [honest, node, hostile] = [0, 1, 2];
/** As many inputs as one node lives through. */
const life = 500;
const between = 20;
/** Of inputs, from one message of the honest neighbour to the next. */
const writesEvery = 100;

class Besieged {
  readonly sim: MeshSim = new MeshSim({ seed: 1, graph: chain(3), make: messageNodes });
  readonly #genuine: Set<string>;
  #awaited: string | undefined;
  #taken = 0;

  /** What the hostile neighbour said before he was, with the ids of messages that were sealed in it. */
  constructor(said: readonly Uint8Array[] = [], genuine: Iterable<string> = []) {
    this.#genuine = new Set(genuine);
    this.sim.startAll();
    this.sim.run(seconds(3));
    for (const frame of said) this.take(frame);
    this.#taken = 0;
  }

  /** Its id. */
  write(from: number, to: number): string {
    const recipient = this.sim.station(to);
    const taken = this.sim.station(from).withMessages((now, desk) => {
      const order = { to: recipient.address, port: 7, priority: 1, life: seconds(3_600) } as const;
      return desk.accept(now, { ...order, content: new Uint8Array(20) });
    });
    if (taken === undefined || "kind" in taken) throw new Error("a message was not taken");
    this.#genuine.add(taken.id);
    return taken.id;
  }

  /** Throws where the node does what it must not. */
  take(octets: Uint8Array): void {
    const { sim } = this;
    const station = sim.station(node);
    // A link that was ended is dialled again.
    const port = sim.cableOf(node, hostile)?.portOf(node);
    if (port !== undefined) station.hear(port.link, [octets]);
    this.#taken += 1;
    if (this.#taken % writesEvery === 0) this.#awaited = this.write(honest, node);
    sim.run(millis(between));
    for (const [id, count] of station.disk.received) {
      if (!this.#genuine.has(id)) throw new Error("it took a message that nobody sealed");
      if (count > 1) throw new Error("it took a message twice");
    }
    const cut = sim.cuts.find(({ by, of }) => by === honest || of === honest);
    if (cut !== undefined) throw new Error(`its honest neighbour was cut, or cut it: ${cut.why}`);
    if (this.#awaited === undefined || this.#taken % writesEvery !== writesEvery - 1) return;
    if (!station.disk.received.has(this.#awaited)) throw new Error("what its honest neighbour wrote did not come");
  }
}

/** What the hostile neighbour says while he is honest still: a first contact, a conversation, what is to be kept, a meeting. */
function conversation(): { readonly said: readonly Uint8Array[]; readonly ids: readonly string[] } {
  const besieged = new Besieged();
  const { sim } = besieged;
  const capture = new Capture(sim, node);
  const ids: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    ids.push(besieged.write(hostile, node), besieged.write(hostile, honest));
    besieged.write(node, hostile);
    sim.run(seconds(1));
  }
  sim.kill(honest, "told");
  sim.run(seconds(1));
  ids.push(besieged.write(hostile, honest));
  sim.run(seconds(70));
  const brought = capture.frames.filter(({ way, neighbour }) => way === "in" && neighbour === hostile);
  return { said: brought.map(({ octets }) => octets), ids };
}

const { said, ids } = conversation();

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "a mesh node with messages",
    run: eachFor(life, () => new Besieged(said, ids)),
    seeds: said,
    sample: 1_000,
  },
];
