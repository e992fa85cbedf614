/**
 * Reads datagrams from a descriptor, whenever there are any or only when told to. One turn takes a bounded number, so that a
 * flood on one socket cannot keep the others from being read; the poll is level-triggered and brings the rest.
 */
import { ERRNO, type Native } from "./native.ts";
import { socketAddressLength } from "./socket-address.ts";

const datagramsPerTurn = 64;
/** No IP datagram is longer, header included. */
const longestDatagram = 65_535;

/** `on-demand` leaves what comes in the kernel until `read`. */
export type WhenToRead = "on-arrival" | "on-demand";

interface DatagramReader {
  readonly when: WhenToRead;
  /** `payload` is the receiver's to keep; `from` is a socket address, valid during the call only. */
  readonly onDatagram: (payload: Uint8Array, from: Uint8Array) => void;
  /** A pending error of the socket, as a negated errno; reading goes on. */
  readonly onError: (errno: number) => void;
}

export interface Reading extends Disposable {
  /** Reads what has come. */
  read(): void;
}

export type ReadDatagrams = (fd: number, reader: DatagramReader) => Reading;

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
): Reading {
  let isOpen = true;
  const read = () => {
    for (let count = 0; isOpen && count < datagramsPerTurn; count += 1) {
      const length = native.receiveFrom(fd, buffer, address);
      if (length === -ERRNO.EAGAIN) return;
      if (length < 0) {
        reader.onError(length);
        continue;
      }
      reader.onDatagram(buffer.slice(0, length), address);
    }
  };
  const watch = reader.when === "on-arrival" ? native.watchReadable(fd, read) : undefined;
  return {
    read,
    [Symbol.dispose]() {
      isOpen = false;
      watch?.[Symbol.dispose]();
    },
  };
}
