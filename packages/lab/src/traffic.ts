/**
 * Streams and connections in the lab, made and measured by programs in C on the clock that every process shares. Whoever
 * starts one stops it to be told, or disposes of it.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { LabHost } from "./lab-host.ts";
import type { Packet } from "./pure/packet-record.ts";
import { flagWords, optionWords } from "./pure/program-words.ts";
import { TrafficProcess } from "./traffic-process.ts";

export interface FarEnd {
  readonly to: IpAddress;
  readonly port: number;
}

export interface StreamPlan extends FarEnd {
  /** Datagrams a second; default 1,000. */
  readonly rate?: number;
  /** Default: until stopped. */
  readonly count?: number;
  /** Octets of UDP payload, 16…1472; default 16. */
  readonly size?: number;
  /** The source; by default the kernel picks route and source for each datagram. */
  readonly from?: IpAddress;
  /** A connected socket, which keeps its source; after an error it is connected again. */
  readonly isConnected?: boolean;
  /** Keeps what an echoing receiver sends back; a stream with a count then also runs until stopped. */
  readonly wantsReplies?: boolean;
  /** Says each reply as it comes, to whoever follows. */
  readonly isLive?: boolean;
}

export interface SentStream {
  /** How many datagrams were tried, the failed ones included: numbers 0 to one less. */
  readonly numbers: number;
  /** Failed ones by the name of the error. */
  readonly errors: Readonly<Record<string, number>>;
  readonly replies: readonly Packet[];
}

export function sendStream(host: LabHost, plan: StreamPlan): Promise<TrafficProcess<SentStream>> {
  const { to, port, rate, count, size, from, isConnected, wantsReplies, isLive } = plan;
  const options = optionWords({ to, port, rate, count, size, from });
  const flags = flagWords({ connect: isConnected, replies: wantsReplies, live: isLive });
  return TrafficProcess.start(host, "stream-send", [...options, ...flags], ({ line, packets }) => ({
    numbers: Number(line["numbers"]),
    errors: line["errors"] as Readonly<Record<string, number>>,
    replies: packets,
  }));
}

export interface ReceivedStream {
  readonly packets: readonly Packet[];
  /** Lost in the receiver's own queue, and by no fault of the line. */
  readonly overflowed: number;
}

export interface ReceiverPlan {
  readonly port: number;
  readonly isEcho?: boolean;
  /** Says each packet as it comes, to whoever follows. */
  readonly isLive?: boolean;
}

/** Of both families. An echoing one also sends each datagram back. */
export function receiveStream(
  host: LabHost,
  { port, isEcho, isLive }: ReceiverPlan,
): Promise<TrafficProcess<ReceivedStream>> {
  const words = [...optionWords({ port }), ...flagWords({ echo: isEcho, live: isLive })];
  return TrafficProcess.start(host, "stream-receive", words, ({ line, packets }) => ({
    packets,
    overflowed: Number(line["overflowed"]),
  }));
}

/** A TCP server of both families that sends back what it is told and never closes. */
export function serveEcho(host: LabHost, port: number): Promise<TrafficProcess<void>> {
  return TrafficProcess.start(host, "tcp-echo", optionWords({ port }), () => {});
}

export interface Ending {
  /** Which of the connections, from 0. */
  readonly index: number;
  readonly at: bigint;
  /** The name of the error, or EOF when the far end has closed. */
  readonly reason: string;
}

export interface HeldConnections {
  readonly held: number;
  readonly ended: readonly Ending[];
}

/** Silent TCP connections, from `from` when it is given; resolves once all are there. */
export function holdConnections(
  host: LabHost,
  { to, port, count, from }: FarEnd & { readonly count: number; readonly from?: IpAddress },
): Promise<TrafficProcess<HeldConnections>> {
  return TrafficProcess.start(host, "tcp-hold", optionWords({ to, port, count, from }), ({ line }) => {
    const ended = line["ended"] as readonly { readonly index: number; readonly at: string; readonly reason: string }[];
    return { held: Number(line["held"]), ended: ended.map((ending) => ({ ...ending, at: BigInt(ending.at) })) };
  });
}

export interface FlowPlan extends FarEnd {
  readonly count: number;
  readonly from?: IpAddress;
  /** From one datagram of a flow to its next; by default each sends one only. */
  readonly every?: Millis;
  /** Connected sockets, which keep their first source. */
  readonly isConnected?: boolean;
}

/** UDP flows, every one from a port of its own; resolves once each has sent a datagram with its number, and they are held. */
export function openFlows(host: LabHost, plan: FlowPlan): Promise<TrafficProcess<void>> {
  const { to, port, count, from, every, isConnected } = plan;
  const flags = isConnected === true ? ["--connect"] : [];
  return TrafficProcess.start(
    host,
    "udp-flows",
    [...optionWords({ to, port, count, from, every }), ...flags],
    () => {},
  );
}

export interface AskedServer {
  /** Each answer; all have the address "::". */
  readonly answers: readonly Packet[];
  readonly connections: number;
  /** Connections that were left: refused, reset, closed, or silent for longer than the patience. */
  readonly failed: number;
}

/** Asks an echo server over TCP, `rate` times a second (default 50), and connects again when a connection fails. */
export function askServer(
  host: LabHost,
  { to, port, rate, patience }: FarEnd & { readonly rate?: number; readonly patience?: Millis },
): Promise<TrafficProcess<AskedServer>> {
  return TrafficProcess.start(host, "tcp-ask", optionWords({ to, port, rate, patience }), ({ line, packets }) => ({
    answers: packets,
    connections: Number(line["connections"]),
    failed: Number(line["failed"]),
  }));
}
