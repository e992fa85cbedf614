/** ICMP echo on one path: replies are heard only when they answer, for the first time, a request of this very socket. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "../listeners.ts";
import type { EchoOptions, EchoReply, PathEchoSocket } from "../ports.ts";
import { decodeEchoReply, encodeEchoRequest, stripIpv4Header } from "../pure/echo-message.ts";
import { OutstandingEchoes } from "../pure/outstanding-echoes.ts";
import { type EchoDescriptor, type EchoDescriptorDeps, openEchoDescriptor } from "./echo-descriptor.ts";
import type { Native } from "./native.ts";
import { describeErrno, refusalOf } from "./path-descriptor.ts";
import type { ReadDatagrams } from "./receive-loop.ts";
import { type Endpoint, encodeSocketAddress } from "./socket-address.ts";

const outstandingAtMost = 1024;

export interface EchoDeps extends EchoDescriptorDeps {
  readonly read: ReadDatagrams;
}

export function openPathEcho(deps: EchoDeps, binding: PathBinding, options: EchoOptions = {}): PathEchoSocket {
  const descriptor = openEchoDescriptor(deps, binding, options);
  try {
    return new LinuxPathEcho(deps, binding, descriptor);
  } catch (error) {
    deps.native.close(descriptor.fd);
    throw error;
  }
}

class LinuxPathEcho implements PathEchoSocket {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly method: PathEchoSocket["method"];
  readonly #native: Native;
  readonly #fd: number;
  readonly #identifier: number;
  readonly #reading: Disposable;
  readonly #outstanding = new OutstandingEchoes(outstandingAtMost);
  readonly #listeners = new Listeners<[EchoReply]>();
  #isOpen = true;
  #lastError: string | undefined;
  #undecodable = 0;
  #foreign = 0;

  constructor({ native, read }: EchoDeps, binding: PathBinding, descriptor: EchoDescriptor) {
    this.binding = binding;
    this.isMarked = descriptor.isMarked;
    this.method = descriptor.method;
    this.#native = native;
    this.#fd = descriptor.fd;
    this.#identifier = descriptor.identifier;
    this.#reading = read(descriptor.fd, {
      onDatagram: (packet, from) => this.#receive(packet, from),
      onError: (errno) => {
        this.#lastError = describeErrno(errno);
      },
    });
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  get dropped(): PathEchoSocket["dropped"] {
    return { undecodable: this.#undecodable, foreign: this.#foreign };
  }

  /** A ping socket writes its own identifier and checksum over ours, which are the same. */
  send(to: IpAddress, sequence: number, payload: Uint8Array): boolean {
    const refusal = refusalOf(this.binding, to, this.#isOpen);
    const wrapped = sequence & 0xffff;
    const request = encodeEchoRequest(this.binding.family, {
      identifier: this.#identifier,
      sequence: wrapped,
      payload,
    });
    const destination = encodeSocketAddress({ address: to, port: 0 });
    const sent = refusal === undefined ? this.#native.sendTo(this.#fd, request, destination) : -1;
    if (sent < 0) this.#lastError = refusal ?? describeErrno(sent);
    else this.#outstanding.add(to, wrapped);
    return sent >= 0;
  }

  onReply(listener: (reply: EchoReply) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reading[Symbol.dispose]();
    this.#native.close(this.#fd);
  }

  #receive(packet: Uint8Array, from: Endpoint): void {
    const hasHeader = this.method === "raw-socket" && this.binding.family === "ipv4";
    const message = hasHeader ? stripIpv4Header(packet) : packet;
    const reply = message && decodeEchoReply(this.binding.family, message);
    if (reply === undefined) {
      this.#undecodable += 1;
    } else if (reply.identifier !== this.#identifier || !this.#outstanding.take(from.address, reply.sequence)) {
      this.#foreign += 1;
    } else {
      this.#listeners.emit({ from: from.address, sequence: reply.sequence, payload: reply.payload });
    }
  }
}
