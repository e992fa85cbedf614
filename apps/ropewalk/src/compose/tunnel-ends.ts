/** What the commands of the tunnel make their end of: the configuration, and what the command line says instead of it. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { parseDuration } from "@ropewalk/ops/pure/duration";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { AppError } from "../errors.ts";

export interface TunnelEnd {
  readonly config: TunnelConfig;
  readonly files: IdentityFiles;
  readonly mode: Mode;
}

/** Throws APP_CONFIG, and APP_USAGE when neither says which files. */
export function tunnelEnd({ values }: GivenArguments, context: CommandContext): TunnelEnd {
  const { tunnel: config } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  const ca = values.get("ca");
  const files = {
    certificate: values.get("cert") ?? required(config.certificate, "--cert", "certificate"),
    key: values.get("key") ?? required(config.key, "--key", "key"),
    authorities: ca === undefined ? config.authorities : [ca],
  };
  if (files.authorities.length === 0) required(undefined, "--ca", "authorities");
  return { config, files, mode: (values.get("mode") as Mode | undefined) ?? config.mode };
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
