/** An echo socket on the network in memory; it drops what is not its own as the real one does. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "@ropewalk/kernel/listeners";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { EchoOptions, EchoReply, PathEchoSocket } from "../ports.ts";
import { OutstandingEchoes } from "../pure/outstanding-echoes.ts";
import { departureFrom } from "./fake-departure.ts";
import type { FakeSocketOptions } from "./fake-path-datagram.ts";
import type { FakePathNetwork } from "./fake-path-network.ts";

const outstandingAtMost = 1024;
const readAtOnce = 64;

export interface FakeEchoOptions extends FakeSocketOptions {
  readonly method: PathEchoSocket["method"];
  readonly echo: EchoOptions;
}

type Arrived = Omit<EchoReply, "waited"> & { readonly at: Millis };

export class FakePathEcho implements PathEchoSocket {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly method: PathEchoSocket["method"];
  readonly #network: FakePathNetwork;
  readonly #identifier: number;
  readonly #options: EchoOptions;
  readonly #onClose: () => void;
  readonly #outstanding = new OutstandingEchoes(outstandingAtMost);
  readonly #listeners = new Listeners<[EchoReply]>();
  #arrived: Arrived[] = [];
  #isOpen = true;
  #lastError: string | undefined;
  #foreign = 0;

  constructor(network: FakePathNetwork, { binding, isMarked, localPort, onClose, method, echo }: FakeEchoOptions) {
    this.#network = network;
    this.binding = binding;
    this.isMarked = isMarked;
    this.method = method;
    this.#identifier = localPort;
    this.#options = echo;
    this.#onClose = onClose;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  get dropped(): PathEchoSocket["dropped"] {
    return { undecodable: 0, foreign: this.#foreign };
  }

  send(to: IpAddress, sequence: number, payload: Uint8Array): boolean {
    const departure = departureFrom(this.binding, {
      kind: "echo",
      sourcePort: this.#identifier,
      to: { address: to, port: 0 },
      payloadLength: payload.length,
      dontFragment: this.#options.dontFragment ?? false,
    });
    const refusal = this.#isOpen ? this.#network.refusalOf(this.binding, departure) : "the socket is closed";
    if (refusal !== undefined) {
      this.#lastError = refusal;
      return false;
    }
    const wrapped = sequence & 0xffff;
    this.#outstanding.add(to, wrapped);
    for (const answer of this.#network.echoPeer(departure)?.(payload.slice(), departure) ?? []) {
      const reply = { from: answer.from ?? to, sequence: wrapped, payload: (answer.payload ?? payload).slice() };
      this.#network.deliver(departure, answer.after, () => this.#arrive(reply));
    }
    return true;
  }

  read(): void {
    for (const { at, ...reply } of this.#arrived.splice(0, readAtOnce)) {
      if (!this.#isOpen) return;
      if (this.#outstanding.take(reply.from, reply.sequence)) {
        this.#listeners.emit({ ...reply, waited: millis(this.#network.now - at) });
      } else this.#foreign += 1;
    }
  }

  onReply(listener: (reply: EchoReply) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false;
    this.#arrived = [];
    this.#onClose();
  }

  #arrive(reply: Omit<Arrived, "at">): void {
    if (!this.#isOpen) return;
    this.#arrived.push({ ...reply, at: this.#network.now });
    if (this.#options.isReadOnDemand !== true) this.read();
  }
}
