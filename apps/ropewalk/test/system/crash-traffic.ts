/** Traffic of edge's own while the node dies: streams that may lose next to nothing, and connections that must be ended. */
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { Packet } from "@ropewalk/lab/packet-record";
import {
  type HeldConnections,
  holdConnections,
  type ReceivedStream,
  receiveStream,
  type SentStream,
  sendStream,
  serveEcho,
} from "@ropewalk/lab/traffic";
import type { TrafficProcess } from "@ropewalk/lab/traffic-process";
import type { NodeInLab } from "./node-in-lab.ts";

const mostLost = 1;
const rate = 200;
/** For so long the kernel may go on sending into a cut cable; a hole that somebody's death leaves lasts until he is back. */
const cutTakes = 200_000_000n;
const targets = [ipAddress("203.0.113.10"), ipAddress("2001:db8:80:1::10")] as const;
/** Of wan0. */
const sources = [ipAddress("198.18.0.2"), ipAddress("2001:db8:a0::2")] as const;

/** A packet every few milliseconds from edge to the internet in each family. */
export class Streams implements AsyncDisposable {
  readonly #receiver: TrafficProcess<ReceivedStream>;
  readonly #senders: readonly TrafficProcess<SentStream>[];

  private constructor(receiver: TrafficProcess<ReceivedStream>, senders: readonly TrafficProcess<SentStream>[]) {
    this.#receiver = receiver;
    this.#senders = senders;
  }

  static async start(place: NodeInLab, port: number, isBound: boolean): Promise<Streams> {
    const receiver = await receiveStream(place.lab.host("target-1"), { port });
    const sender = (to: IpAddress, family: number) => {
      const from = isBound ? sources[family] : undefined;
      return sendStream(place.edge, { to, port, rate, ...(from && { from }) });
    };
    const senders = await Promise.all(targets.map(sender));
    return new Streams(receiver, senders);
  }

  /** More than may be lost; what a cut at `cutAt` takes is not counted. */
  async faults(cutAt: bigint | undefined): Promise<readonly string[]> {
    const sent = await Promise.all(this.#senders.map((sender) => sender.stop()));
    const { packets } = await this.#receiver.stop();
    return sent.flatMap(({ numbers, errors }, index) => {
      const to = targets[index];
      const own = packets.filter(({ address }) => address.includes(":") === to?.includes(":"));
      const lost = lostOf(own, numbers).filter((sentAfter) => cutAt === undefined || !isTakenBy(cutAt, sentAfter));
      const failed = JSON.stringify(errors);
      return lost.length <= mostLost ? [] : [`${lost.length} of ${numbers} packets to ${to} lost, errors ${failed}`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#receiver, ...this.#senders].map((one) => one[Symbol.asyncDispose]()));
  }
}

export class Connections implements AsyncDisposable {
  readonly #server: TrafficProcess<void>;
  readonly #held: TrafficProcess<HeldConnections>;

  private constructor(server: TrafficProcess<void>, held: TrafficProcess<HeldConnections>) {
    this.#server = server;
    this.#held = held;
  }

  static async open(place: NodeInLab, port: number): Promise<Connections> {
    const server = await serveEcho(place.lab.host("target-1"), port);
    return new Connections(server, await holdConnections(place.edge, { to: targets[0], port, count: 2 }));
  }

  /** Of those that should have been ended. */
  async faults(): Promise<readonly string[]> {
    const { held, ended } = await this.#held.stop();
    return ended.length === held ? [] : [`${ended.length} of ${held} connections on the cut uplink were ended`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** For each lost one, when the last before it that came was sent. */
function lostOf(packets: readonly Packet[], numbers: number): readonly bigint[] {
  const sentAt = new Map(packets.map((packet) => [packet.number, packet.sentAt]));
  const lost: bigint[] = [];
  let last = 0n;
  for (let number = 0; number < numbers; number += 1) {
    const sent = sentAt.get(number);
    if (sent === undefined) lost.push(last);
    else last = sent;
  }
  return lost;
}

function isTakenBy(cutAt: bigint, sentAfter: bigint): boolean {
  return cutAt - cutTakes < sentAfter && sentAfter < cutAt + cutTakes;
}
