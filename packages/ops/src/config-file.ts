/** Reads the files that a configuration is made of. Size is bounded, so that a wrong path cannot fill the memory. */
import { describeError } from "@ropewalk/kernel/errors";
import { readBoundedFile } from "./bounded-file.ts";
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
  const file = readBoundedFile(path, limit);
  switch (file.kind) {
    case "read":
      return new TextDecoder("utf-8", { fatal: true }).decode(file.octets);
    case "not-regular":
      throw new Error("it is not a regular file");
    case "too-large":
      throw new Error(`it is larger than ${limit} octets`);
  }
}
