/** PathSockets on a network in memory, held to the same contract as the real ones. */
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { getSystemErrorName } from "node:util";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { HostError } from "../errors.ts";
import type { EchoOptions, PathDatagramSocket, PathEchoSocket, PathSockets, PathStream } from "../ports.ts";
import { describeErrno, socketErrorCode } from "../system-error.ts";
import { departureFrom, type FakeDeparture, type FakeEndpoint } from "./fake-departure.ts";
import { FakePathDatagram, type FakeSocketOptions } from "./fake-path-datagram.ts";
import { FakePathEcho } from "./fake-path-echo.ts";
import type { ConnectionPeer, FakePathNetwork } from "./fake-path-network.ts";

/** ECONNRESET and ECONNREFUSED of asm-generic/errno.h. */
const connectionReset = 104;
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
    return new FakePathEcho(this.#network, { ...this.#register(binding), method: this.#echo, echo: options });
  }

  async connect(binding: PathBinding, to: FakeEndpoint, signal: AbortSignal): Promise<PathStream> {
    signal.throwIfAborted();
    const { localPort, onClose } = this.#register(binding);
    try {
      const packet = { kind: "connection", sourcePort: localPort, to, payloadLength: 0 } as const;
      const departure = departureFrom(binding, packet);
      this.#refuse(binding, departure);
      const accept = await answered(this.#network, departure, signal);
      const [stream, far] = duplexPair();
      stream.once("close", onClose);
      stream.on("error", () => {});
      accept(far, departure, { reset: () => void stream.destroy(systemError(connectionReset, "read")) });
      return { binding, isMarked: this.#isMarked, stream, [Symbol.asyncDispose]: () => destroyed(stream) };
    } catch (error) {
      onClose();
      throw error;
    }
  }

  #refuse(binding: PathBinding, departure: FakeDeparture): void {
    const refusal = this.#network.refusalOf(binding, departure);
    if (refusal === undefined) return;
    const errno = this.#network.errnoOf(departure);
    const code = errno === undefined ? "HOST_SOCKET" : socketErrorCode(-errno);
    throw new HostError(code, `could not connect on ${binding.name}: ${refusal}`, errno === undefined ? {} : { errno });
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
function answered(network: FakePathNetwork, departure: FakeDeparture, signal: AbortSignal): Promise<ConnectionPeer> {
  const { promise, resolve, reject } = Promise.withResolvers<ConnectionPeer>();
  const peer = network.connectionPeer(departure);
  const answer = () => (typeof peer === "function" ? resolve(peer) : reject(refused(departure)));
  const delivery = peer === undefined ? undefined : network.deliver(departure, undefined, answer);
  const giveUp = () => {
    delivery?.[Symbol.dispose]();
    reject(signal.reason);
  };
  signal.addEventListener("abort", giveUp, { once: true });
  return promise;
}

function refused({ to, port }: FakeDeparture): HostError {
  const message = `could not connect to ${to} port ${port}: ${describeErrno(-connectionRefused)}`;
  return new HostError("HOST_SOCKET", message, { errno: connectionRefused });
}

/** As Node's own sockets give it. */
function systemError(errno: number, syscall: string): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: -errno, code, syscall });
}
