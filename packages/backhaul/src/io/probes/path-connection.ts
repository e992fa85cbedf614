/**
 * A TCP connection of a probe: made on the path, told apart from its refusals, counted, and ended by a reset. A reset costs
 * one packet and leaves nothing in the kernel that would go on answering the peer, by whatever path the routes say.
 */

import { Socket } from "node:net";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";
import type { PathStream } from "@ropewalk/host/ports";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { ProbeResult, ProbeTraffic } from "../../pure/health/probe.ts";
import { attemptOctets, connectionOctets, noTraffic, packetsOf } from "../../pure/probing/packet-octets.ts";
import type { ProbeFinding, ProbeGround } from "./probe-ground.ts";
import { describeRefusal, nameOf, unsentAsThrown } from "./sending-faults.ts";

interface Connected {
  readonly kind: "connected";
  /** The caller's, who ends it. */
  readonly connection: PathConnection;
}

interface NotConnected {
  readonly kind: "not-connected";
  readonly result: Extract<ProbeResult, { kind: "refused" | "silent" | "unsent" }>;
  readonly traffic: ProbeTraffic;
}

export interface ConnectionListener {
  readonly onOctets: (octets: Uint8Array) => void;
  /** Once: the peer closed the connection, or it broke. */
  readonly onEnd: () => void;
}

/** Never throws. */
export async function connectOnPath(
  { binding, sockets, signal }: ProbeGround,
  to: { readonly address: IpAddress; readonly port: number },
): Promise<Connected | NotConnected> {
  try {
    return { kind: "connected", connection: new PathConnection(await sockets.connect(binding, to, signal)) };
  } catch (error) {
    const result = signal.aborted ? ({ kind: "silent" } as const) : refusalOf(error);
    const answer = result.kind === "refused" ? "reset" : "nothing";
    const traffic = result.kind === "unsent" ? noTraffic : attemptOctets(binding.family, answer);
    return { kind: "not-connected", result, traffic };
  }
}

/** What kept a connection from coming about kept the question from being asked over it. */
export function withoutConnection({ result, traffic }: NotConnected): ProbeFinding {
  if (result.kind === "unsent") return { result, traffic };
  const detail = result.kind === "silent" ? "no connection came about" : `no connection: ${result.detail}`;
  return { result: { kind: "skipped", detail }, traffic };
}

/** A reset, or an ICMPv6 "administratively prohibited" (RFC 4443 §3.1, which Linux tells as EACCES). */
const noes: readonly (string | undefined)[] = ["ECONNREFUSED", "ECONNRESET", "EACCES"];

/** Linux says "unreachable" by one number, whether it has no route itself, finds no neighbour, or a router said so. */
function refusalOf(error: unknown): NotConnected["result"] {
  const name = nameOf(error);
  if (name === "ETIMEDOUT") return { kind: "silent" };
  return noes.includes(name) ? { kind: "refused", detail: describeRefusal(error) } : unsentAsThrown(error);
}

export class PathConnection {
  readonly #connection: PathStream;
  #listener: ConnectionListener | undefined;
  #hasEnded = false;
  #sent = 0;
  #sentPackets = 0;
  #received = 0;
  #receivedPackets = 0;

  constructor(connection: PathStream) {
    this.#connection = connection;
    const { stream } = connection;
    stream.on("data", (octets: Uint8Array) => this.#receive(octets));
    stream.once("end", () => this.#end());
    stream.once("close", () => this.#end());
  }

  /** False once the peer has closed it or it broke. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  get received(): number {
    return this.#received;
  }

  /** One listener at a time; what comes while there is none is counted and dropped. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    if (this.#hasEnded) listener.onEnd();
  }

  send(octets: Uint8Array): void {
    const { stream, binding } = this.#connection;
    if (this.#hasEnded || stream.destroyed) return;
    this.#sent += octets.length;
    this.#sentPackets += packetsOf(binding.family, binding.mtu, octets.length);
    stream.write(octets);
  }

  /** Ends it, waits until it is closed, and tells what crossed it. */
  async end(): Promise<ProbeTraffic> {
    const { stream, binding } = this.#connection;
    this.#listener = undefined;
    const end = this.#hasEnded ? "closed" : "reset";
    if (stream instanceof Socket && !this.#hasEnded && !stream.destroyed) resetSocket(stream);
    await this.#connection[Symbol.asyncDispose]();
    return connectionOctets(binding.family, {
      sent: this.#sent,
      sentPackets: this.#sentPackets,
      received: this.#received,
      receivedPackets: this.#receivedPackets,
      end,
    });
  }

  #receive(octets: Uint8Array): void {
    const { family, mtu } = this.#connection.binding;
    this.#received += octets.length;
    this.#receivedPackets += packetsOf(family, mtu, octets.length);
    this.#listener?.onOctets(octets);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#listener?.onEnd();
  }
}
