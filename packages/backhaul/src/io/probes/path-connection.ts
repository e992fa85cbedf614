/**
 * A TCP connection of a probe: made on the path, told apart from its refusals, counted, and ended by a reset. A reset costs
 * one packet and leaves nothing in the kernel that would go on answering the peer, by whatever path the routes say.
 */
import { Socket } from "node:net";
import { HostError } from "@ropewalk/host/errors";
import type { PathStream } from "@ropewalk/host/ports";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";
import type { ProbeResult, ProbeTraffic } from "../../pure/health/probe.ts";
import { attemptOctets, connectionOctets, noTraffic, packetsOf } from "../../pure/probing/packet-octets.ts";
import type { ProbeFinding, ProbeGround } from "./probe-ground.ts";
import { nameOf, unsentAsThrown } from "./sending-faults.ts";

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
  let hasTurned = false;
  const turn = setImmediate(() => {
    hasTurned = true;
  });
  try {
    return { kind: "connected", connection: new PathConnection(await sockets.connect(binding, to, signal)) };
  } catch (error) {
    const result = signal.aborted ? ({ kind: "silent" } as const) : refusalOf(error, hasTurned);
    const answer = result.kind === "refused" ? "reset" : "nothing";
    const traffic = result.kind === "unsent" ? noTraffic : attemptOctets(binding.family, answer);
    return { kind: "not-connected", result, traffic };
  } finally {
    clearImmediate(turn);
  }
}

/** What kept a connection from coming about kept the question from being asked over it. */
export function withoutConnection({ result, traffic }: NotConnected): ProbeFinding {
  if (result.kind === "unsent") return { result, traffic };
  const detail = result.kind === "silent" ? "no connection came about" : `no connection: ${result.detail}`;
  return { result: { kind: "skipped", detail }, traffic };
}

/**
 * Linux tells by the same numbers that it has no route and that a router said so. Before the event loop has turned nobody
 * on the network can have answered: what is refused until then is this machine's own doing, what is later is somebody's no.
 */
function refusalOf(error: unknown, hasTurned: boolean): NotConnected["result"] {
  const name = nameOf(error);
  if (name === "ETIMEDOUT") return { kind: "silent" };
  const isNo = name === "ECONNREFUSED" || name === "ECONNRESET" || (hasTurned && error instanceof HostError);
  return isNo ? { kind: "refused", detail: describeError(error) } : unsentAsThrown(error);
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
    if (stream instanceof Socket && !this.#hasEnded && !stream.destroyed) stream.resetAndDestroy();
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
