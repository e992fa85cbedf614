/** A datagram socket on the network in memory. */
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "@ropewalk/kernel/listeners";
import type { PathDatagramSocket } from "../ports.ts";
import { departureFrom, type FakeEndpoint } from "./fake-departure.ts";
import type { FakePathNetwork } from "./fake-path-network.ts";

export interface FakeSocketOptions {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly localPort: number;
  readonly onClose: () => void;
}

export class FakePathDatagram implements PathDatagramSocket {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly localPort: number;
  readonly #network: FakePathNetwork;
  readonly #onClose: () => void;
  readonly #listeners = new Listeners<[payload: Uint8Array, from: FakeEndpoint]>();
  #isOpen = true;
  #lastError: string | undefined;

  constructor(network: FakePathNetwork, { binding, isMarked, localPort, onClose }: FakeSocketOptions) {
    this.#network = network;
    this.binding = binding;
    this.isMarked = isMarked;
    this.localPort = localPort;
    this.#onClose = onClose;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  send(payload: Uint8Array, to: FakeEndpoint): boolean {
    const packet = { kind: "datagram", sourcePort: this.localPort, to, payloadLength: payload.length } as const;
    const departure = departureFrom(this.binding, packet);
    const refusal = this.#isOpen ? this.#network.refusalOf(this.binding, departure) : "the socket is closed";
    if (refusal !== undefined) {
      this.#lastError = refusal;
      return false;
    }
    const answered = this.#network.datagramPeer(departure)?.(payload.slice(), departure) ?? [];
    for (const { payload, from = to, after } of answered instanceof Uint8Array ? [{ payload: answered }] : answered)
      this.#network.deliver(departure, after, () => this.#isOpen && this.#listeners.emit(payload.slice(), from));
    return true;
  }

  onMessage(listener: (payload: Uint8Array, from: FakeEndpoint) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#onClose();
  }
}
