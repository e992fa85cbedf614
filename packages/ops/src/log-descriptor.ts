/**
 * A log destination that is an open file descriptor, written synchronously. A pipe whose reader stalls must not stall
 * the daemon, so a full pipe refuses the line instead of waiting.
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import type { LogDestination } from "./log.ts";

/**
 * Writes to `descriptor`, which stays the caller's and stays open. A FIFO is opened again for itself, without blocking:
 * to change the mode of the inherited one would change it for every process that shares it (fcntl(2), F_SETFL).
 */
export function createDescriptorDestination(descriptor: number): LogDestination {
  const own = fstatSync(descriptor).isFIFO() ? reopened(descriptor) : descriptor;
  // Octets of a line that the pipe took only in part: the rest must go first, or two lines would run into one.
  let rest: Uint8Array = new Uint8Array();
  return {
    write(line) {
      rest = writeOut(own, rest);
      if (rest.length > 0) throw new Error("the reader of the log does not keep up");
      rest = writeOut(own, new TextEncoder().encode(line), { isFirst: true });
    },
  };
}

function reopened(descriptor: number): number {
  return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
}

/** What could not be written because the pipe is full. Throws when nothing of a first write was taken, and on other errors. */
function writeOut(descriptor: number, octets: Uint8Array, options?: { readonly isFirst: true }): Uint8Array {
  let written = 0;
  while (written < octets.length) {
    try {
      written += writeSync(descriptor, octets, written);
    } catch (error) {
      const isFull = error instanceof Error && "code" in error && error.code === "EAGAIN";
      if (!isFull || (options?.isFirst && written === 0)) throw error;
      break;
    }
  }
  return octets.subarray(written);
}
