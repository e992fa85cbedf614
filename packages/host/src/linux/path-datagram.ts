/**
 * A UDP socket on one path. Sending is one system call whose verdict the caller gets at once; the kernel's send buffer
 * is the only queue, and full means refused. (Node's dgram tells a failure later, and queues without bound meanwhile.)
 */
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { Listeners } from "@ropewalk/kernel/listeners";
import type { PathDatagramSocket } from "../ports.ts";
import { describeErrno } from "../system-error.ts";
import { type Native, SOCK } from "./native.ts";
import { openPathDescriptor, type PathDescriptor, refusalOf } from "./path-descriptor.ts";
import type { ReadDatagrams } from "./receive-loop.ts";
import { decodeSocketAddress, type Endpoint, encodeSocketAddress, localPort } from "./socket-address.ts";

export function openPathDatagram(
  native: Native,
  read: ReadDatagrams,
  binding: PathBinding,
  port: number,
): PathDatagramSocket {
  const descriptor = openPathDescriptor(native, binding, { type: SOCK.DGRAM, protocol: 0, port });
  try {
    return new LinuxPathDatagram(native, read, binding, descriptor);
  } catch (error) {
    native.close(descriptor.fd);
    throw error;
  }
}

class LinuxPathDatagram implements PathDatagramSocket {
  readonly binding: PathBinding;
  readonly isMarked: boolean;
  readonly localPort: number;
  readonly #native: Native;
  readonly #fd: number;
  readonly #reading: Disposable;
  readonly #listeners = new Listeners<[payload: Uint8Array, from: Endpoint]>();
  #isOpen = true;
  #lastError: string | undefined;

  constructor(native: Native, read: ReadDatagrams, binding: PathBinding, { fd, isMarked }: PathDescriptor) {
    this.binding = binding;
    this.isMarked = isMarked;
    this.localPort = localPort(native, fd);
    this.#native = native;
    this.#fd = fd;
    this.#reading = read(fd, {
      when: "on-arrival",
      onDatagram: (payload, sender) => {
        const from = decodeSocketAddress(sender);
        if (from !== undefined) this.#listeners.emit(payload, from);
      },
      onError: (errno) => {
        this.#lastError = describeErrno(errno);
      },
    });
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  send(payload: Uint8Array, to: Endpoint): boolean {
    const refusal = refusalOf(this.binding, to.address, this.#isOpen);
    const sent = refusal === undefined ? this.#native.sendTo(this.#fd, payload, encodeSocketAddress(to)) : -1;
    if (sent < 0) this.#lastError = refusal ?? describeErrno(sent);
    return sent >= 0;
  }

  onMessage(listener: (payload: Uint8Array, from: Endpoint) => void): Disposable {
    return this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reading[Symbol.dispose]();
    this.#native.close(this.#fd);
  }
}
