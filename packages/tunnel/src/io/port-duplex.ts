/**
 * A stream of octets over a MessagePort, for the thread that runs TLS on a connection whose socket another thread owns. What
 * arrives is acknowledged by its length, so that the owner can stop reading before this thread drowns.
 */
import { Duplex } from "node:stream";
import type { MessagePort } from "node:worker_threads";
import { joined } from "@ropewalk/crypto/pure/octets";

/** Octets that are acknowledged together, so that a handshake of the usual size needs no acknowledgement. */
const acknowledgeEvery = 65_536;

export class PortDuplex extends Duplex {
  readonly #port: MessagePort;
  #taken = 0;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
  }

  /** The octets that came over the connection; `undefined` is its end. */
  arrive(octets: Uint8Array | undefined): void {
    if (this.destroyed) return;
    this.push(octets === undefined ? null : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
    this.#taken += octets?.length ?? 0;
    if (this.#taken < acknowledgeEvery) return;
    this.#port.postMessage({ kind: "taken", length: this.#taken });
    this.#taken = 0;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send([chunk]);
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  /** In one piece of its own: a chunk may lie in a buffer that Node shares among many, which must not be given away. */
  #send(chunks: readonly Uint8Array[]): void {
    const octets = joined(...chunks);
    this.#port.postMessage(octets, [octets.buffer as ArrayBuffer]);
  }

  override _final(done: () => void): void {
    this.#port.postMessage({ kind: "fin" });
    done();
  }

  /** Also when it is cut short: what was written before, such as an alert of TLS, is on its way. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port.postMessage({ kind: "fin" });
    done(error);
  }
}
