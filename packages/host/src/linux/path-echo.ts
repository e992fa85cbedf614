/** ICMP echo on one path: replies are heard only when they answer, for the first time, a request of this very socket. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "@ropewalk/kernel/listeners";
import { millis } from "@ropewalk/kernel/units";
import type { EchoOptions, EchoReply, PathEchoSocket } from "../ports.ts";
import { decodeEchoReply, encodeEchoRequest, stripIpv4Header } from "../pure/echo-message.ts";
import { OutstandingEchoes } from "../pure/outstanding-echoes.ts";
import { describeErrno } from "../system-error.ts";
import { type EchoDescriptor, type EchoDescriptorDeps, openEchoDescriptor } from "./echo-descriptor.ts";
import type { Native } from "./native.ts";
import { refusalOf } from "./path-descriptor.ts";
import { PeerAddresses } from "./peer-addresses.ts";
import type { ReadDatagrams, Reading, WhenToRead } from "./receive-loop.ts";

const outstandingAtMost = 1024;

export interface EchoDeps extends EchoDescriptorDeps {
  readonly read: ReadDatagrams;
}

export function openPathEcho(deps: EchoDeps, binding: PathBinding, options: EchoOptions = {}): PathEchoSocket {
  const descriptor = openEchoDescriptor(deps, binding, options);
  try {
    return new LinuxPathEcho(deps, binding, descriptor, options.isReadOnDemand === true ? "on-demand" : "on-arrival");
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
  readonly #reading: Reading;
  readonly #outstanding = new OutstandingEchoes(outstandingAtMost);
  readonly #peers = new PeerAddresses();
  readonly #listeners = new Listeners<[EchoReply]>();
  #isOpen = true;
  #lastError: string | undefined;
  #undecodable = 0;
  #foreign = 0;

  constructor({ native, read }: EchoDeps, binding: PathBinding, descriptor: EchoDescriptor, when: WhenToRead) {
    this.binding = binding;
    this.isMarked = descriptor.isMarked;
    this.method = descriptor.method;
    this.#native = native;
    this.#fd = descriptor.fd;
    this.#identifier = descriptor.identifier;
    // From now on the kernel keeps the time at which each packet comes in.
    native.packetAge(descriptor.fd);
    this.#reading = read(descriptor.fd, {
      when,
      onDatagram: (packet, sender) => this.#receive(packet, sender),
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
    const sent = refusal === undefined ? this.#native.sendTo(this.#fd, request, this.#peers.encode(to)) : -1;
    if (sent < 0) this.#lastError = refusal ?? describeErrno(sent);
    else this.#outstanding.add(to, wrapped);
    return sent >= 0;
  }

  read(): void {
    if (this.#isOpen) this.#reading.read();
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

  #receive(packet: Uint8Array, sender: Uint8Array): void {
    const from = this.#peers.decode(sender);
    const hasHeader = this.method === "raw-socket" && this.binding.family === "ipv4";
    const message = hasHeader ? stripIpv4Header(packet) : packet;
    const reply = message && decodeEchoReply(this.binding.family, message);
    if (from === undefined || reply === undefined) {
      this.#undecodable += 1;
    } else if (reply.identifier !== this.#identifier || !this.#outstanding.take(from, reply.sequence)) {
      this.#foreign += 1;
    } else {
      const waited = millis(Math.max(0, this.#native.packetAge(this.#fd)));
      this.#listeners.emit({ from, sequence: reply.sequence, payload: reply.payload, waited });
    }
  }
}
