/** Nodes that hear and pass on broadcasts, on one virtual clock, each with a disk of its own that outlives it. */
import assert from "node:assert/strict";
import { type BitsPerSecond, bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshOutput, SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import { defaultAccepting } from "@ropewalk/mesh/pure/messages/accepting";
import type { BroadcastOrder } from "@ropewalk/mesh/pure/messages/broadcasts/broadcast-terms";
import { defaultCustodyOctets } from "@ropewalk/mesh/pure/messages/custody";
import type { MessageDesk } from "@ropewalk/mesh/pure/messages/message-desk";
import type { MessagesConfig } from "@ropewalk/mesh/pure/messages/message-desk-terms";
import type { StoreAnswer } from "@ropewalk/mesh/pure/messages/store-operations";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { type Broadcast, decodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { SimDisk } from "../../../sim/sim-disk.ts";
import { factsOf, usualConfig } from "../../small-mesh.ts";
import { signingKey } from "../../wire/announces.ts";

const began = 1_790_000_000_000;
const config: MessagesConfig = {
  ...{ accepting: defaultAccepting, custody: defaultCustodyOctets, longestLife: seconds(86_400) },
  ...{ mostInbox: 1_000, inboxOctets: bytes(1_000_000), isConstrained: false },
};
const fast = bitsPerSecond(10_000_000);

interface Station {
  readonly key: ReturnType<typeof signingKey>;
  readonly disk: SimDisk;
  /** Milliseconds that its wall clock is wrong. */
  wrong: number;
  node: MeshNode;
  mark: SequenceMark;
}

interface Flight {
  readonly at: Millis;
  readonly from: number;
  readonly to: number;
  readonly frame: Uint8Array;
}

interface Way {
  readonly rate: BitsPerSecond;
  readonly delay: Millis;
}

export const order: BroadcastOrder = {
  ...{ channel: undefined, port: 0, priority: 1, life: seconds(600) },
  content: new TextEncoder().encode("high water"),
};

export class BroadcastMesh {
  now: Millis = millis(1_000);
  readonly stations: Station[] = [];
  /** Broadcasts that were transmitted: from where to where. */
  sent: { readonly from: number; readonly to: number; readonly frame: Uint8Array }[] = [];
  readonly #ways = new Map<string, Way>();
  #flights: Flight[] = [];

  constructor(count: number) {
    for (let index = 0; index < count; index += 1) {
      const station = { key: signingKey(index + 1), disk: new SimDisk(), wrong: 0, mark: { epoch: 1, sequence: 1 } };
      this.stations.push({ ...station, node: undefined as never });
      this.#begin(index);
    }
    this.run(1_000);
  }

  static chain(count: number): BroadcastMesh {
    const mesh = new BroadcastMesh(count);
    for (let index = 1; index < count; index += 1) mesh.join(index - 1, index);
    return mesh;
  }

  at(index: number): Station {
    return this.stations[index] ?? assert.fail(`there is no station ${index}`);
  }

  address(index: number): MeshAddress {
    return this.at(index).node.address;
  }

  join(one: number, other: number, way: Partial<Way> = {}): void {
    for (const [end, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      const { rate = fast, delay = millis(10) } = way;
      this.#ways.set(wayName(end, peer), { rate, delay });
      const facts = { ...factsOf(createMeshCrypto(this.at(peer).key)), bitrate: rate };
      this.#do(end, this.at(end).node.linkUp(this.now, peer as LinkId, facts));
    }
  }

  part(one: number, other: number): void {
    for (const [end, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      this.#ways.delete(wayName(end, peer));
      this.#do(end, this.at(end).node.linkDown(this.now, peer as LinkId));
    }
  }

  /** The process ends and begins again with its disk, without links. */
  restart(index: number): void {
    for (const other of this.stations.keys()) if (this.#ways.has(wayName(index, other))) this.part(index, other);
    this.#begin(index);
    this.run(1);
  }

  /** All are off for so long, and have no links afterwards. */
  sleep(time: number): void {
    this.#ways.clear();
    this.#flights = [];
    this.now = millis(this.now + time);
    for (const index of this.stations.keys()) this.#begin(index);
    this.run(1);
  }

  desk<T>(index: number, act: (desk: MessageDesk) => T): T {
    const { node } = this.at(index);
    const value = act(node.messages ?? assert.fail("it carries no messages"));
    this.#do(index, node.finish(this.now));
    return value;
  }

  send(index: number, unlike: Partial<BroadcastOrder> = {}): string {
    const sent = this.desk(index, (desk) => desk.broadcasting.send(this.now, { ...order, ...unlike }));
    return sent.kind === "sent" ? sent.id : assert.fail(sent.kind);
  }

  /** A neighbour says so. */
  say(index: number, from: number, broadcast: Uint8Array): void {
    this.#do(index, this.at(index).node.receive(this.now, from as LinkId, Uint8Array.of(15, ...broadcast)));
  }

  run(time: number): void {
    const until = this.now + time;
    for (;;) {
      const deadlines = this.stations.map(({ node }) => node.deadline() ?? Number.POSITIVE_INFINITY);
      const next = Math.min(...this.#flights.map(({ at }) => at), ...deadlines);
      if (next > until) break;
      this.now = millis(Math.max(next, this.now));
      const due = this.#flights.filter(({ at }) => at <= this.now);
      this.#flights = this.#flights.filter(({ at }) => at > this.now);
      for (const { from, to, frame } of due)
        if (this.#ways.has(wayName(from, to))) this.#do(to, this.at(to).node.receive(this.now, from as LinkId, frame));
      for (const [index, { node }] of this.stations.entries())
        if ((node.deadline() ?? Number.POSITIVE_INFINITY) <= this.now) this.#do(index, node.expire(this.now));
    }
    this.now = millis(until);
  }

  /** What `index` has told its applications, by content. */
  heard(index: number): readonly string[] {
    return this.at(index).disk.heard.map(({ octets }) => new TextDecoder().decode(octets));
  }

  count(index: number, name: string): number {
    return this.desk(index, (desk) => desk.counts()[name] ?? 0);
  }

  /** As it came by the last of those that went from one to the other. */
  last(from: number, to: number): Broadcast {
    const octets = this.sent.findLast((one) => one.from === from && one.to === to)?.frame.slice(1);
    return decodeBroadcast(octets ?? assert.fail("none went there")) ?? assert.fail("it is none");
  }

  #begin(index: number): void {
    const station = this.at(index);
    const { key, disk, mark, wrong } = station;
    const wall = (now: Millis) => Math.floor((began + wrong + now) / 1000);
    const calendar = new StoreCalendar({ now: this.now, wall: began + wrong + this.now, last: disk.lastTime });
    const making = { config, now: this.now, calendar, wall, crypto: createMessageCrypto(key) };
    station.node = new MeshNode(usualConfig, createMeshCrypto(key), mark, () => 0.5, making);
    this.desk(index, (desk) => desk.restore(this.now, disk.found()));
  }

  #do(index: number, outputs: readonly MeshOutput[]): void {
    const station = this.at(index);
    for (const output of outputs) {
      if (output.kind === "keep") station.mark = output.mark;
      else if (output.kind === "transmit") this.#transmit(index, output.link, output.frame);
      else if (output.kind === "write") {
        const outcomes = output.operations.map((operation) => station.disk.perform(operation));
        const answer: StoreAnswer = { kind: "committed", outcomes };
        this.desk(index, (desk) => desk.written(this.now, output.call, answer));
      } else if (output.kind === "cut") assert.fail(output.why);
    }
  }

  #transmit(from: number, to: number, frame: Uint8Array): void {
    const way = this.#ways.get(wayName(from, to));
    if (frame[0] === 15) this.sent.push({ from, to, frame: frame.slice() });
    if (way !== undefined) this.#flights.push({ at: millis(this.now + way.delay), from, to, frame: frame.slice() });
  }
}

function wayName(from: number, to: number): string {
  return `${from} ${to}`;
}
