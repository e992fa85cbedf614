/** PathSockets on a network in memory, held to the same contract as the real ones. */
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { HostError } from "../errors.ts";
import type { EchoOptions, PathDatagramSocket, PathEchoSocket, PathSockets, PathStream } from "../ports.ts";
import { FakePathDatagram, type FakeSocketOptions, refusalOf } from "./fake-path-datagram.ts";
import { FakePathEcho } from "./fake-path-echo.ts";
import { type ConnectionPeer, departureFrom, type FakeEndpoint, type FakePathNetwork } from "./fake-path-network.ts";

/** ECONNREFUSED of asm-generic/errno.h. */
const connectionRefused = 111;

export interface FakePathSocketsOptions {
  /** True by default. */
  readonly isMarked?: boolean;
  /** How echo is allowed; "ping-socket" by default. */
  readonly echo?: PathEchoSocket["method"] | "none";
}

export class FakePathSockets implements PathSockets {
  readonly #network: FakePathNetwork;
  readonly #isMarked: boolean;
  readonly #echo: PathEchoSocket["method"] | "none";
  readonly #open = new Set<number>();
  #nextPort = 32_768;

  constructor(network: FakePathNetwork, options: FakePathSocketsOptions = {}) {
    this.#network = network;
    this.#isMarked = options.isMarked ?? true;
    this.#echo = options.echo ?? "ping-socket";
  }

  /** Sockets that nobody has disposed of yet. */
  get openCount(): number {
    return this.#open.size;
  }

  async datagram(binding: PathBinding, options: { readonly port?: number } = {}): Promise<PathDatagramSocket> {
    return new FakePathDatagram(this.#network, this.#register(binding, options.port));
  }

  async echo(binding: PathBinding, options: EchoOptions = {}): Promise<PathEchoSocket> {
    if (this.#echo === "none") throw new HostError("HOST_NO_ICMP", "this fake host allows no echo");
    return new FakePathEcho(this.#network, {
      ...this.#register(binding),
      method: this.#echo,
      dontFragment: options.dontFragment ?? false,
    });
  }

  async connect(binding: PathBinding, to: FakeEndpoint, signal: AbortSignal): Promise<PathStream> {
    signal.throwIfAborted();
    const { localPort, onClose } = this.#register(binding);
    try {
      const refusal = refusalOf(this.#network, binding, to);
      if (refusal !== undefined) throw new HostError("HOST_SOCKET", `could not connect on ${binding.name}: ${refusal}`);
      const departure = departureFrom(binding, {
        kind: "connection",
        sourcePort: localPort,
        to: to.address,
        payloadLength: 0,
      });
      const accept = await answered(this.#network.connectionPeer(to, departure), to, signal);
      const [stream, far] = duplexPair();
      stream.once("close", onClose);
      stream.on("error", () => {});
      accept(far, departure);
      return { binding, isMarked: this.#isMarked, stream, [Symbol.asyncDispose]: () => destroyed(stream) };
    } catch (error) {
      onClose();
      throw error;
    }
  }

  #register(binding: PathBinding, port?: number): FakeSocketOptions {
    const lack = this.#network.lackOf(binding);
    if (lack !== undefined) throw new HostError("HOST_PATH_GONE", lack);
    const key = this.#nextPort;
    this.#nextPort += 1;
    this.#open.add(key);
    return { binding, isMarked: this.#isMarked, localPort: port ?? key, onClose: () => this.#open.delete(key) };
  }
}

async function destroyed(stream: Duplex): Promise<void> {
  if (stream.closed) return;
  stream.destroy();
  await once(stream, "close");
}

/** A silent peer is waited for until the signal aborts, as TCP does for minutes. */
function answered(
  peer: ConnectionPeer | "refused" | undefined,
  to: FakeEndpoint,
  signal: AbortSignal,
): Promise<ConnectionPeer> {
  if (peer === "refused") {
    const message = `could not connect to ${to.address} port ${to.port}: connection refused`;
    return Promise.reject(new HostError("HOST_SOCKET", message, { errno: connectionRefused }));
  }
  if (peer !== undefined) return Promise.resolve(peer);
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
