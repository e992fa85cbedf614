/**
 * Reads datagrams from a descriptor whenever there are any. One turn takes a bounded number, so that a flood on one
 * socket cannot keep the others from being read; the poll is level-triggered and brings the rest.
 */
import { ERRNO, type Native } from "./native.ts";
import { decodeSocketAddress, type Endpoint, socketAddressLength } from "./socket-address.ts";

const datagramsPerTurn = 64;
/** No IP datagram is longer, header included. */
const longestDatagram = 65_535;

interface DatagramReader {
  /** `payload` is the receiver's to keep. */
  readonly onDatagram: (payload: Uint8Array, from: Endpoint) => void;
  /** A pending error of the socket, as a negated errno; reading goes on. */
  readonly onError: (errno: number) => void;
}

export type ReadDatagrams = (fd: number, reader: DatagramReader) => Disposable;

/** All sockets read through one buffer: each datagram is copied out of it before the next is read. */
export function createReadDatagrams(native: Native): ReadDatagrams {
  const buffer = new Uint8Array(longestDatagram);
  const address = new Uint8Array(socketAddressLength);
  return (fd, reader) => readDatagrams(native, fd, reader, buffer, address);
}

function readDatagrams(
  native: Native,
  fd: number,
  reader: DatagramReader,
  buffer: Uint8Array,
  address: Uint8Array,
): Disposable {
  let isOpen = true;
  const watch = native.watchReadable(fd, () => {
    for (let count = 0; isOpen && count < datagramsPerTurn; count += 1) {
      const length = native.receiveFrom(fd, buffer, address);
      if (length === -ERRNO.EAGAIN) return;
      if (length < 0) {
        reader.onError(length);
        continue;
      }
      const from = decodeSocketAddress(address);
      if (from !== undefined) reader.onDatagram(buffer.slice(0, length), from);
    }
  });
  return {
    [Symbol.dispose]() {
      isOpen = false;
      watch[Symbol.dispose]();
    },
  };
}
