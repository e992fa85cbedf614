/** The nodes of a mesh in churn, all of them or a part, and what is seen of them when they are looked at. */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { type ChurnOptions, ChurnScript, delaysOf } from "./churn-script.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";
import type { AskedCut, MeshPart } from "./parts/mesh-part.ts";
import type { Station } from "./station.ts";

/** Written, and on its sender's disk since `accepted`. */
export interface WrittenMessage {
  readonly id: string;
  readonly at: Millis;
  readonly accepted: Millis;
  readonly from: number;
  readonly to: number;
}

/** What disks have that bears on how many hold a message. */
export interface Holding {
  /** Messages that are the node's own, by their ids. */
  readonly outbox: readonly string[];
  /** Of what it keeps for others, as custody/held.ts names it. */
  readonly custody: readonly string[];
  /** How many envelopes of its own messages. */
  readonly sealed: number;
}

/** Since the last one, unless it says otherwise. */
export interface ChurnLook {
  readonly written: readonly WrittenMessage[];
  /** By their ids, as all that follows. */
  readonly arrived: readonly string[];
  readonly proved: readonly string[];
  readonly cuts: readonly AskedCut[];
  /** Of all: those that an application has more than once. */
  readonly repeated: number;
  /** Of all: of frames of messages that were sent. */
  readonly octets: number;
  /** Of each node, when it was asked for, and of which message tags are that were not told yet. */
  readonly held?: readonly Holding[] | undefined;
  readonly tags?: readonly (readonly [tag: string, id: string])[] | undefined;
}

const contentLength = 200;
const life = seconds(86_400);
const port = 7;

export class ChurnPart {
  readonly sim: MeshSim;
  readonly #here: readonly Station[];
  /** Not on the disk yet: who dies now has never sent it. */
  readonly #handedIn = new Map<string, { readonly at: Millis; readonly to: number }>();
  readonly #told = new Set<string>();
  #written: WrittenMessage[] = [];
  #proved: string[] = [];
  #cutsSeen = 0;
  /** Of each disk, how many messages it had. */
  readonly #arrivedSeen: number[];

  constructor(options: ChurnOptions, part?: MeshPart) {
    const { seed, graph } = options;
    this.sim = new MeshSim({
      ...{ seed, graph, make: messageNodes, delays: delaysOf(options) },
      ...(part === undefined ? {} : { part }),
      onMessage: (station, event) => {
        if (event.kind === "accepted") this.#accepted(station.index, event.id);
        if (event.kind === "delivered") this.#proved.push(event.id);
        if (event.kind === "received") station.withMessages((_, desk) => desk.take(event.number, () => {}));
      },
    });
    this.#here = this.sim.stations.filter(({ index }) => part?.isHere(index) ?? true);
    this.#arrivedSeen = this.#here.map(() => 0);
    new ChurnScript(options, this.sim, (from, to) => this.#write(from, to)).begin();
  }

  look(isCounted: boolean): ChurnLook {
    const counts = this.#here.flatMap(({ disk }) => [...disk.received.values()]);
    const look = {
      ...{ written: this.#written, proved: this.#proved },
      arrived: this.#here.flatMap(({ disk }, place) => this.#arrivedSince(disk.received, place)),
      cuts: this.sim.cuts.slice(this.#cutsSeen),
      repeated: counts.filter((count) => count > 1).length,
      octets: this.#here.reduce((sum, { messageOctets }) => sum + messageOctets, 0),
    };
    this.#written = [];
    this.#proved = [];
    this.#cutsSeen = this.sim.cuts.length;
    return isCounted ? { ...look, held: this.#here.map(holding), tags: this.#newTags() } : look;
  }

  /** A node that is elsewhere carries no messages here. */
  #write(from: Station, to: Station): void {
    const { now: at } = this.sim.time;
    // It has his key from before, as who writes to somebody has.
    const content = new Uint8Array(contentLength);
    const taken = from.withMessages((now, desk) => {
      desk.keys.contacts.put({ address: to.address, key: to.crypto.publicKey, name: undefined });
      return desk.accept(now, { to: to.address, port, priority: 1, life, content });
    });
    if (taken === undefined || "kind" in taken) return;
    this.#handedIn.set(taken.id, { at, to: to.index });
  }

  #accepted(from: number, id: string): void {
    const handedIn = this.#handedIn.get(id);
    if (handedIn === undefined || !this.#handedIn.delete(id)) return;
    this.#written.push({ id, ...handedIn, accepted: this.sim.time.now, from });
  }

  #arrivedSince(received: ReadonlyMap<string, number>, place: number): readonly string[] {
    const seen = this.#arrivedSeen[place];
    this.#arrivedSeen[place] = received.size;
    return seen === received.size ? [] : [...received.keys()].slice(seen);
  }

  /** Whose each tag is, is known from the sender alone, while he lives and has the message. */
  #newTags(): readonly (readonly [string, string])[] {
    const tags: (readonly [string, string])[] = [];
    const tell = (tag: string, id: string): void => {
      if (this.#told.has(tag)) return;
      this.#told.add(tag);
      tags.push([tag, id]);
    };
    for (const station of this.#here) {
      for (const { sealed } of station.disk.sealed.values()) tell(sealed.tag, sealed.id);
      station.withMessages((_, desk) => {
        for (const { facts, parts } of desk.outgoing.all())
          for (const part of parts) for (const tag of part.tags) tell(tag, facts.id);
      });
    }
    return tags;
  }
}

function holding({ disk }: Station): Holding {
  return { outbox: [...disk.outbox.keys()], custody: [...disk.custody.keys()], sealed: disk.sealed.size };
}
