/** Files of keys and of what belongs to them. A secret is read only where nobody but its owner may read it, and written so. */
import { readBoundedFile } from "./bounded-file.ts";
import { fileError, readError } from "./file-errors.ts";
import { type WritingOptions, writeFilesTogether } from "./written-files.ts";

/** The largest file of a secret or of certificates, in octets, unless a caller says otherwise. */
export const largestKeyFile: number = 1024 * 1024;

/** Permission bits of a secret: its owner alone. */
export const secretMode = 0o600;

/**
 * The octets of a secret. Throws OPS_FILE_EXPOSED when the group or others may read or write it; with root's right to read
 * everything the file is still another's to read. Throws OPS_FILE_MISSING, _UNREADABLE, _NOT_REGULAR, _EMPTY and _TOO_LARGE.
 */
export function readSecretFile(path: string, limit: number = largestKeyFile): Uint8Array {
  const { octets, mode } = read(path, limit);
  if ((mode & 0o077) !== 0) {
    octets.fill(0);
    const shown = mode.toString(8).padStart(4, "0");
    throw fileError(
      "OPS_FILE_EXPOSED",
      path,
      `others than its owner may read it (mode ${shown}), and a secret that others read is none: chmod 600 ${shellWord(path)}, and make a new one if they might have`,
    );
  }
  return octets;
}

/** The octets of a file that is no secret. Throws as `readSecretFile` does, but for OPS_FILE_EXPOSED. */
export function readPublicFile(path: string, limit: number = largestKeyFile): Uint8Array {
  return read(path, limit).octets;
}

/**
 * Writes a secret, for its owner alone to read: the whole of it or nothing, on the disk when it returns. Throws OPS_FILE_EXISTS unless
 * it may overwrite, OPS_FILE_FULL, _UNWRITABLE and _NOT_REGULAR.
 */
export function writeSecretFile(path: string, octets: Uint8Array, options: WritingOptions): void {
  writeFilesTogether([{ path, octets, mode: secretMode }], options);
}

function read(path: string, limit: number): { readonly octets: Uint8Array; readonly mode: number } {
  const file = opened(path, limit);
  switch (file.kind) {
    case "not-regular":
      throw fileError("OPS_FILE_NOT_REGULAR", path, "it is a folder, a pipe or a device; give a file");
    case "too-large":
      throw fileError("OPS_FILE_TOO_LARGE", path, `it is larger than ${limit} octets, which nothing of its kind is`);
    case "read":
      if (file.octets.length === 0) throw fileError("OPS_FILE_EMPTY", path, "it is empty: it was not written whole");
      return file;
  }
}

function opened(path: string, limit: number): ReturnType<typeof readBoundedFile> {
  try {
    return readBoundedFile(path, limit);
  } catch (error) {
    throw readError(path, error);
  }
}

/** As it can be typed into a shell. */
function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
