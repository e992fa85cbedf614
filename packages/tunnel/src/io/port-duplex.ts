/**
 * A stream of octets over a MessagePort, for the thread that runs TLS on a connection whose socket another thread owns. What
 * arrives is acknowledged by its length, so that the owner can stop reading before this thread drowns.
 */
import { Duplex } from "node:stream";
import type { MessagePort } from "node:worker_threads";

export class PortDuplex extends Duplex {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
  }

  /** The octets that came over the connection; `undefined` is its end. */
  arrive(octets: Uint8Array | undefined): void {
    if (this.destroyed) return;
    this.push(octets === undefined ? null : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength));
    if (octets !== undefined) this.#port.postMessage({ kind: "taken", length: octets.length });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // A copy of its own: the chunk may lie in a buffer that Node shares among many, which must not be given away.
    const octets = new Uint8Array(chunk);
    this.#port.postMessage(octets, [octets.buffer]);
    done();
  }

  /** Also when it is cut short: what was written before, such as an alert of TLS, is on its way. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#port.postMessage({ kind: "fin" });
    done(error);
  }
}
