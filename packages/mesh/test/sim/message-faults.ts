/**
 * What networks, relays and disks do to messages, one scenario each: whatever it is, all that was accepted arrives, and is in an inbox once. What
 * is told is what was found otherwise.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import { Random } from "@ropewalk/simnet/random";
import { chain, type Graph, grid } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";
import { messageNodes } from "./message-node-maker.ts";
import { SimDisk } from "./sim-disk.ts";
import type { Meddler } from "./station.ts";

export interface MessageFault {
  readonly name: string;
  readonly run: (seed: number, scale: "sample" | "full") => readonly string[];
}

const ofMessages: ReadonlySet<number> = new Set([
  ...[frameType.message, frameType.proof, frameType.deposit, frameType.meeting],
]);
const year = 365 * 86_400_000;
const isOfMessages = (frame: Uint8Array) => ofMessages.has(frame[0] ?? 0);

/** A mesh in which everybody has found everybody, and what was written in it. */
class Correspondence {
  readonly sim: MeshSim;
  readonly #proved = new Set<string>();
  readonly #written: { readonly id: string; readonly to: number }[] = [];

  constructor(seed: number, graph: Graph) {
    this.sim = new MeshSim({
      ...{ seed, graph, make: messageNodes },
      onMessage: (station, event) => {
        if (event.kind === "delivered") this.#proved.add(event.id);
        if (event.kind === "received") station.withMessages((_, desk) => desk.take(event.number, () => {}));
      },
    });
    this.sim.startAll();
    this.sim.run(seconds(10));
  }

  write(from: number, to: number, count = 1, octets = 10): void {
    const recipient = this.sim.station(to);
    for (let number = 0; number < count; number += 1) {
      const taken = this.sim.station(from).withMessages((now, desk) => {
        desk.keys.contacts.put({ address: recipient.address, key: recipient.crypto.publicKey, name: undefined });
        const order = { to: recipient.address, port: 7, priority: 1, life: seconds(86_400) } as const;
        return desk.accept(now, { ...order, content: new Uint8Array(octets) });
      });
      if (taken === undefined || "kind" in taken) throw new Error(`it was not taken: ${JSON.stringify(taken)}`);
      this.#written.push({ id: taken.id, to });
    }
  }

  /** Whoever was given back an older disk may have lost what he had: only what is written from here on counts. */
  rewrite(): void {
    this.#written.length = 0;
    this.#proved.clear();
  }

  /** What is found when no more comes, or after so long. */
  found(atMost: Millis): readonly string[] {
    this.sim.runUntil(() => this.#proved.size === this.#written.length, { every: seconds(1), atMost });
    const counts = this.#written.map(({ id, to }) => this.sim.station(to).disk.received.get(id) ?? 0);
    const received = this.sim.stations.flatMap(({ disk }) => [...disk.received.values()]);
    const findings: readonly (readonly [number, string])[] = [
      [counts.filter((count) => count === 0).length, "did not arrive"],
      [received.filter((count) => count > 1).length, "are in an inbox twice"],
      [this.#written.length - this.#proved.size, "are not proved to their senders"],
      [this.sim.stations.reduce((sum, { disk }) => sum + disk.outbox.size, 0), "are in an outbox still"],
      [this.sim.cuts.length, "links were cut by a node"],
    ];
    return findings.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}, of ${counts.length}`]));
  }
}

/** Everybody says everything twice, and some of it after what came behind it. */
class Repeating implements Meddler {
  readonly #random: Random;
  #late: Uint8Array | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  sends(frame: Uint8Array): readonly Uint8Array[] {
    if (!isOfMessages(frame)) return [frame];
    const late = this.#late === undefined ? [] : [this.#late];
    this.#late = this.#random.isLucky(0.3) ? frame.slice() : undefined;
    return this.#late === undefined ? [frame, frame.slice(), ...late] : [frame.slice(), ...late];
  }
}

const manyWays: MessageFault = {
  name: "copies by many ways, each said twice and out of order",
  run(seed) {
    const mail = new Correspondence(seed, grid(3, 3));
    const { sim } = mail;
    const random = new Random(seed).fork("repeating");
    for (const station of sim.stations) station.meddler = new Repeating(random.fork(`${station.index}`));
    mail.write(0, 8, 10);
    mail.write(8, 0, 5, 9_000);
    sim.run(seconds(5));
    // From here on they are kept, by as many as have copies, who all bring them when he is back.
    sim.kill(8, "told");
    mail.write(0, 8, 10);
    sim.run(seconds(60));
    sim.start(8);
    return mail.found(seconds(1_200));
  },
};

const anHourApart: MessageFault = {
  name: "an hour in which the mesh is in two",
  run(seed) {
    const mail = new Correspondence(seed, chain(4));
    mail.write(0, 3);
    mail.sim.part((index) => index < 2);
    for (let count = 0; count < 6; count += 1) {
      mail.write(0, 3, 2);
      mail.write(3, 0, 2);
      mail.sim.run(seconds(600));
    }
    mail.sim.healAll();
    return mail.found(seconds(1_200));
  },
};

/** Takes all envelopes, answers each with a proof that is none, and lets it vanish. */
function acknowledging(sim: MeshSim, index: number): Meddler {
  return {
    hears(frame, from) {
      if (frame[0] !== frameType.message && frame[0] !== frameType.deposit) return [frame];
      const tag = frame.subarray(frame[0] === frameType.message ? 9 : 13).subarray(0, 8);
      const ackKeys = [Uint8Array.of(...tag, ...tag)];
      const { out } = sim.station(index).ports.get(from.link) ?? from;
      out.send(encodeFrame({ type: "proof", ackKeys }));
      return [];
    },
  };
}

/** From 0 to 4 by 1, which is the shortest way, or by 2 and 3. */
const detour: Graph = {
  size: 5,
  edges: [
    [0, 1],
    [1, 4],
    [0, 2],
    [2, 3],
    [3, 4],
  ],
};

const acknowledged: MessageFault = {
  name: "a relay that says that it has delivered, and drops",
  run(seed) {
    const mail = new Correspondence(seed, detour);
    mail.sim.station(1).meddler = acknowledging(mail.sim, 1);
    for (let count = 0; count < 10; count += 1) {
      mail.write(0, 4, 2);
      mail.sim.run(seconds(1));
    }
    return mail.found(seconds(1_800));
  },
};

const restored: MessageFault = {
  name: "stores that are given back as they were a day before",
  run(seed) {
    const mail = new Correspondence(seed, chain(3));
    const { sim } = mail;
    const back = (index: number, disk: SimDisk) => {
      sim.kill(index, "told");
      sim.station(index).disk = disk;
      sim.start(index);
    };
    mail.write(0, 2, 3);
    sim.run(millis(200));
    const copies = sim.stations.map(({ disk }) => disk.copy());
    mail.write(0, 2, 3);
    sim.run(seconds(60));
    // The sender does not know that anything arrived; the relay has what it had.
    for (const index of [0, 1]) back(index, copies[index] ?? new SimDisk());
    sim.run(seconds(60));
    mail.rewrite();
    mail.write(0, 2, 3);
    sim.run(seconds(60));
    // The recipient knows none of the sessions, in which its sender goes on until no proof comes.
    back(2, copies[2] ?? new SimDisk());
    mail.rewrite();
    mail.write(0, 2, 3);
    mail.write(2, 0, 3);
    return mail.found(seconds(1_200));
  },
};

const calendars: MessageFault = {
  name: "calendars that are a year ahead and behind at a start",
  run(seed) {
    const mail = new Correspondence(seed, chain(3));
    const { sim } = mail;
    mail.write(0, 2, 3);
    sim.run(seconds(30));
    sim.kill(2, "told");
    mail.write(0, 2, 3);
    sim.run(seconds(30));
    for (const [index, error] of [-year, 0, year].entries()) {
      if (index < 2) sim.kill(index, "told");
      sim.station(index).calendarError = error;
      sim.start(index);
    }
    sim.run(seconds(10));
    mail.write(0, 2, 3);
    mail.write(2, 0, 3);
    return mail.found(seconds(3_600));
  },
};

const tiny: MessageFault = {
  name: "ten thousand tiny messages at once",
  run(seed, scale) {
    const mail = new Correspondence(seed, chain(3));
    mail.write(0, 2, scale === "full" ? 10_000 : 500, 1);
    return mail.found(seconds(1_200));
  },
};

export const messageFaults: readonly MessageFault[] = [manyWays, anHourApart, acknowledged, restored, calendars, tiny];
