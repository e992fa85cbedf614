/** Reads a whole file of bounded size, so that a wrong path cannot fill the memory or keep the program waiting. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

export type BoundedFile =
  /** `mode` are its permission bits. */
  | { readonly kind: "read"; readonly octets: Uint8Array; readonly mode: number }
  | { readonly kind: "not-regular" }
  | { readonly kind: "too-large" };

/** The file that `path` leads to, of at most `limit` octets. Throws what Node throws when it cannot be opened or read. */
export function readBoundedFile(path: string, limit: number): BoundedFile {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { mode } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return { kind: "not-regular" };
    const octets = new Uint8Array(limit + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < octets.length; length += read)
      read = readSync(file, octets, length, octets.length - length, null);
    if (length > limit) return { kind: "too-large" };
    return { kind: "read", octets: octets.subarray(0, length), mode: mode & 0o7777 };
  } finally {
    closeSync(file);
  }
}
