/**
 * A busy site: connections and flows by the uplink in use, others by another way, and a client of the LAN that asks all the
 * time. What of it ends, and when, is told at the end.
 */
import type { Lab } from "@ropewalk/lab/lab";
import type { Packet } from "@ropewalk/lab/packet-record";
import {
  type AskedServer,
  askServer,
  type Ending,
  type HeldConnections,
  holdConnections,
  openFlows,
  receiveStream,
  type SentStream,
  sendStream,
  serveEcho,
} from "@ropewalk/lab/traffic";
import type { TrafficProcess } from "@ropewalk/lab/traffic-process";
import { type TrackedFlows, trackedFlows } from "./tracked.ts";
import { askedTarget, clientAddress, otherThan, sourceOf, target } from "./ways.ts";

/** Of 1,000 flows one half is the victim's: local connections, and datagrams of the LAN. */
export const siteCounts = { stranded: 200, forwarded: 300, innocentTcp: 200, innocentUdp: 300 } as const;
export const victimFlows: number = siteCounts.stranded + siteCounts.forwarded;
export const otherFlows: number = siteCounts.innocentTcp + siteCounts.innocentUdp;

interface Ports {
  readonly held: number;
  readonly flows: number;
  readonly askedTcp: number;
  readonly askedUdp: number;
}

/** Of its own for each round: the kernel remembers flows for long. */
function portsOf(round: number): Ports {
  const first = 10_000 + round * 4;
  return { held: first, flows: first + 1, askedTcp: first + 2, askedUdp: first + 3 };
}

const asksPerSecond = 50;

export interface SiteReport {
  readonly stranded: HeldConnections;
  /** Those that should have gone on. */
  readonly innocentEnded: readonly Ending[];
  /** Answers to the LAN's client. */
  readonly tcpAnswers: readonly Packet[];
  readonly udpAnswers: readonly Packet[];
}

export class Site implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #ports: Ports;
  readonly #stack: AsyncDisposableStack;
  readonly #stranded: TrafficProcess<HeldConnections>;
  readonly #innocent: readonly TrafficProcess<HeldConnections>[];
  readonly #tcp: TrafficProcess<AskedServer>;
  readonly #udp: TrafficProcess<SentStream>;

  /** Resolves once everything runs; `victim` is the uplink that ordinary traffic takes, `round` a number of its own in this lab. */
  static async open(lab: Lab, victim: string, round: number): Promise<Site> {
    const ports = portsOf(round);
    await using stack = new AsyncDisposableStack();
    const [edge, client, far, asked] = ["edge", "client", target.host, askedTarget.host].map((name) => lab.host(name));
    if (edge === undefined || client === undefined || far === undefined || asked === undefined)
      throw new Error("the lab lacks a host");
    for (const host of [far, client]) stack.use(await serveEcho(host, ports.held));
    stack.use(await serveEcho(asked, ports.askedTcp));
    stack.use(await receiveStream(asked, { port: ports.askedUdp, isEcho: true }));
    stack.use(await receiveStream(far, { port: ports.flows }));
    const other = sourceOf(lab, otherThan(lab, victim));
    const { stranded, forwarded, innocentTcp, innocentUdp } = siteCounts;
    const held = { to: target.address, port: ports.held };
    const flows = { to: target.address, port: ports.flows };
    const doomed = stack.use(await holdConnections(edge, { ...held, count: stranded }));
    const innocent = [
      stack.use(await holdConnections(edge, { ...held, count: innocentTcp / 2, from: other })),
      stack.use(await holdConnections(edge, { to: clientAddress, port: ports.held, count: innocentTcp / 2 })),
    ];
    stack.use(await openFlows(edge, { ...flows, count: innocentUdp, from: other }));
    stack.use(await openFlows(client, { ...flows, count: forwarded }));
    const ask = { to: askedTarget.address, rate: asksPerSecond };
    const tcp = stack.use(await askServer(client, { ...ask, port: ports.askedTcp }));
    const udp = stack.use(await sendStream(client, { ...ask, port: ports.askedUdp, wantsReplies: true }));
    return new Site(lab, ports, stack.move(), doomed, innocent, tcp, udp);
  }

  private constructor(
    lab: Lab,
    ports: Ports,
    stack: AsyncDisposableStack,
    stranded: TrafficProcess<HeldConnections>,
    innocent: readonly TrafficProcess<HeldConnections>[],
    tcp: TrafficProcess<AskedServer>,
    udp: TrafficProcess<SentStream>,
  ) {
    this.#lab = lab;
    this.#ports = ports;
    this.#stack = stack;
    this.#stranded = stranded;
    this.#innocent = innocent;
    this.#tcp = tcp;
    this.#udp = udp;
  }

  /** The connections and flows that are held; not those of the client that asks, which go on. */
  tracked(): Promise<TrackedFlows> {
    return trackedFlows(this.#lab.host("edge"), [this.#ports.held, this.#ports.flows]);
  }

  /** Ends everything. */
  async stop(): Promise<SiteReport> {
    const [tcp, udp] = [await this.#tcp.stop(), await this.#udp.stop()];
    const innocent = await Promise.all(this.#innocent.map((held) => held.stop()));
    return {
      stranded: await this.#stranded.stop(),
      innocentEnded: innocent.flatMap(({ ended }) => ended),
      tcpAnswers: tcp.answers,
      udpAnswers: udp.replies,
    };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }
}
