/** An echo socket on the network in memory; it drops what is not its own as the real one does. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "../listeners.ts";
import type { EchoReply, PathEchoSocket } from "../ports.ts";
import { type FakeSocketOptions, refusalOf } from "./fake-path-datagram.ts";
import { departureFrom, type FakeDeparture, type FakePathNetwork } from "./fake-path-network.ts";

export interface FakeEchoOptions extends FakeSocketOptions {
  readonly method: PathEchoSocket["method"];
  readonly dontFragment: boolean;
}

export class FakePathEcho implements PathEchoSocket {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly method: PathEchoSocket["method"];
  /** Nothing is ever foreign or undecodable here: the network in memory knows whose each answer is. */
  readonly dropped: PathEchoSocket["dropped"] = { undecodable: 0, foreign: 0 };
  readonly #network: FakePathNetwork;
  readonly #identifier: number;
  readonly #dontFragment: boolean;
  readonly #onClose: () => void;
  readonly #listeners = new Listeners<[EchoReply]>();
  #isOpen = true;
  #lastError: string | undefined;

  constructor(
    network: FakePathNetwork,
    { binding, isMarked, localPort, onClose, method, dontFragment }: FakeEchoOptions,
  ) {
    this.#network = network;
    this.binding = binding;
    this.isMarked = isMarked;
    this.method = method;
    this.#identifier = localPort;
    this.#dontFragment = dontFragment;
    this.#onClose = onClose;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  send(to: IpAddress, sequence: number, payload: Uint8Array): boolean {
    const departure = departureFrom(this.binding, {
      kind: "echo",
      sourcePort: this.#identifier,
      to,
      payloadLength: payload.length,
      dontFragment: this.#dontFragment,
    });
    const refusal = this.#refusalOf(departure);
    if (refusal !== undefined) {
      this.#lastError = refusal;
      return false;
    }
    const reply = { from: to, sequence: sequence & 0xffff, payload: payload.slice() };
    if (this.#network.answersEcho(departure)) {
      queueMicrotask(() => this.#isOpen && this.#listeners.emit(reply));
    }
    return true;
  }

  #refusalOf({ to, size, dontFragment }: FakeDeparture): string | undefined {
    if (!this.#isOpen) return "the socket is closed";
    const refusal = refusalOf(this.#network, this.binding, { address: to, port: 0 });
    return refusal ?? (dontFragment ? this.#network.excessOf(this.binding, size) : undefined);
  }

  onReply(listener: (reply: EchoReply) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#onClose();
  }
}
