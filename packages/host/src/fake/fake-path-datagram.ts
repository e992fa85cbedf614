/** A datagram socket on the network in memory. */
import { familyOf } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "../listeners.ts";
import type { PathDatagramSocket } from "../ports.ts";
import { departureFrom, type FakeEndpoint, type FakePathNetwork } from "./fake-path-network.ts";

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
    const refusal = this.#isOpen ? refusalOf(this.#network, this.binding, to) : "the socket is closed";
    if (refusal !== undefined) {
      this.#lastError = refusal;
      return false;
    }
    const departure = departureFrom(this.binding, {
      kind: "datagram",
      sourcePort: this.localPort,
      to: to.address,
      payloadLength: payload.length,
    });
    const answer = this.#network.datagramPeer(to, departure)?.(payload.slice(), departure);
    if (answer !== undefined) queueMicrotask(() => this.#isOpen && this.#listeners.emit(answer, to));
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

/** Why nothing can be sent to `to` on `binding` now. */
export function refusalOf(network: FakePathNetwork, binding: PathBinding, to: FakeEndpoint): string | undefined {
  if (familyOf(to.address) !== binding.family) return `${to.address} is no ${binding.family} address`;
  return network.lackOf(binding);
}
