/** What the commands of the tunnel make their end of: the configuration, and what the command line says instead of it. */
import { join } from "node:path";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { parseDuration } from "@ropewalk/ops/pure/duration";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import { judgePeer } from "@ropewalk/tunnel/io/peer-verdict";
import type { Mode, Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { AppError } from "../errors.ts";
import { stateDirectory } from "../paths.ts";
import { printable } from "../render/table.ts";

export interface TunnelEnd {
  readonly config: TunnelConfig;
  readonly files: IdentityFiles;
  readonly mode: Mode;
  /** Where KEM keys of peers are kept. */
  readonly kemKeyFolder: string;
}

/** Throws APP_CONFIG, and APP_USAGE when neither says which files. */
export function tunnelEnd({ values, lists }: GivenArguments, context: CommandContext): TunnelEnd {
  const { tunnel: config } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  const mode = (values.get("mode") as Mode | undefined) ?? config.mode;
  const kemKey = values.get("kem-key") ?? config.kemKey;
  const files = {
    certificate: values.get("cert") ?? required(config.certificate, "--cert", "certificate"),
    key: values.get("key") ?? required(config.key, "--key", "key"),
    kemKey: mode === "hybrid" ? required(kemKey, "--kem-key (or --mode mlkem768 at both ends)", "kem_key") : undefined,
    authorities: lists.get("ca") ?? config.authorities,
    revocationLists: lists.get("crl") ?? config.revocationLists,
  };
  if (files.authorities.length === 0) required(undefined, "--ca", "authorities");
  return { config, files, mode, kemKeyFolder: join(stateDirectory(context).path, "tunnel/kem-keys") };
}

function required(value: string | undefined, option: string, key: string): string {
  if (value !== undefined) return value;
  throw new AppError("APP_USAGE", `which file? Give ${option}, or set ${key} in [tunnel] of the configuration.`);
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** "hub.example:8443", "[::1]:8443". Throws APP_USAGE. */
export function placeOf(text: string): Place {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new AppError(
    "APP_USAGE",
    `"${text}" is no place: write hub.example:8443, 192.0.2.1:8443 or [2001:db8::1]:8443.`,
  );
}

/** Throws APP_USAGE. */
export function durationOf(option: string, text: string | undefined, otherwise: Millis): Millis {
  const duration = text === undefined ? otherwise : parseDuration(text);
  if (duration !== undefined && duration > 0) return millis(duration);
  throw new AppError("APP_USAGE", `${option} takes a duration such as "250ms" or "10s", and "${text}" is none.`);
}

/** The handshake thread of an end; what is wrong with its own certificate is said at once, for the other end would refuse it. */
export async function startHandshakes(
  { files, kemKeyFolder }: TunnelEnd,
  role: Role,
  { errors, clock }: CommandContext,
  onDeath: (error: Error) => void,
): Promise<HandshakeThread> {
  const warn = (text: string) => errors.write(`ropewalk: ${printable(text)}\n`);
  const thread = await HandshakeThread.start(files, { onDeath, onTrouble: warn }, { kemKeyFolder });
  const { leaf, intermediates, trust } = thread.facts;
  const own = judgePeer({ role, leaf, intermediates }, trust, undefined, clock.wall());
  if (own.kind === "refused")
    warn(`this end's own certificate is not good here: ${own.refusal.text ?? own.refusal.reason}`);
  return thread;
}
