/** The command lines of the two ends, with the settings that are shipped and a state of their own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";

const launcher = resolve("bin/ropewalk.mjs");

export interface TunnelCommand {
  /** The program first. */
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface TunnelEnd {
  readonly files: IdentityFiles;
  readonly mode: Mode;
  /** Where it keeps KEM keys of its peers; made when it is absent. */
  readonly state: string;
}

/** `words` begin with "answer" or "probe". No configuration of this machine is read. */
export async function tunnelCommand(words: readonly string[], end: TunnelEnd): Promise<TunnelCommand> {
  const { files, mode, state } = end;
  await mkdir(state, { recursive: true });
  const configuration = join(state, "ropewalk.toml");
  await writeFile(configuration, "");
  const identity = [
    "--cert",
    files.certificate,
    "--key",
    files.key,
    ...files.authorities.flatMap((ca) => ["--ca", ca]),
  ];
  const kem = files.kemKey === undefined ? [] : ["--kem-key", files.kemKey];
  return {
    words: [process.execPath, launcher, "tunnel", ...words, "--json", "--mode", mode, ...identity, ...kem],
    env: { ...process.env, ROPEWALK_STATE_DIR: state, ROPEWALK_CONFIG: configuration },
  };
}
