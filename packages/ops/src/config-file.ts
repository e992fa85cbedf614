/** Reads the files that a configuration is made of. Size is bounded, so that a wrong path cannot fill the memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { describeError } from "@ropewalk/kernel/errors";
import { OpsError } from "./errors.ts";
import type { ConfigText } from "./pure/config-file-text.ts";
import type { SecretFileReading } from "./pure/environment-settings.ts";

/** The largest configuration file, in octets. */
export const largestConfigFile: number = 1024 * 1024;
/** The largest file that a `*_FILE` variable may name, in octets. */
export const largestSecretFile: number = 64 * 1024;

/** The file at `path`; undefined when there is none. Throws OPS_CONFIG_FILE when it cannot be read, is too large or is not UTF-8. */
export function readConfigFile(path: string): ConfigText | undefined {
  try {
    return { path, content: readBounded(path, largestConfigFile) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new OpsError("OPS_CONFIG_FILE", `cannot read the configuration file ${path}: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** What `loadConfig` takes as `readSecretFile`. */
export function readSecretFile(path: string): SecretFileReading {
  try {
    return { kind: "text", text: readBounded(path, largestSecretFile) };
  } catch (error) {
    return { kind: "failed", reason: describeError(error) };
  }
}

function readBounded(path: string, limit: number): string {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is not a regular file");
    const octets = new Uint8Array(limit + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= limit; length += read)
      read = readSync(file, octets, length, limit + 1 - length, null);
    if (length > limit) throw new Error(`it is larger than ${limit} octets`);
    return new TextDecoder("utf-8", { fatal: true }).decode(octets.subarray(0, length));
  } finally {
    closeSync(file);
  }
}
