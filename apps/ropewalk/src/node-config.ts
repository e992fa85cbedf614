/** The `[node]` table: what belongs to the daemon itself rather than to one domain. */

import { table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { z } from "zod";

export interface NodeConfig {
  /** Where the read-only HTTP API listens: "127.0.0.1:7410", or "off". What is not "off" passes `parseLoopback`. */
  readonly http: string;
  /** The group whose members may use the Unix socket; undefined: root and the daemon's own user only. */
  readonly socketGroup: string | undefined;
}

const httpListen = z
  .string()
  .default("127.0.0.1:7410")
  .refine(
    (text) => text === "off" || parseLoopback(text) !== undefined,
    'expected a loopback address with a port, "127.0.0.1:7410" or "[::1]:7410", or "off"',
  );

const shape = {
  http: httpListen,
  socket_group: z.string().min(1).max(32).optional(),
};

export const nodeSection: ConfigSection<NodeConfig> = { name: "node", schema: table(shape) as z.ZodType<NodeConfig> };

/** Loopback only: there is no login yet, so nobody else's machine may ask. */
export function parseLoopback(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(127(?:\.\d{1,3}){3}|\[::1\]):(\d{1,5})$/.exec(text);
  const host = match?.[1]?.replace(/[[\]]/g, "");
  const port = Number(match?.[2]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined;
  return host.split(".").every((octet) => octet === "::1" || Number(octet) <= 255) ? { host, port } : undefined;
}

/** "http://127.0.0.1:7410"; undefined when `node.http` is "off". */
export function httpUrl(configured: string): string | undefined {
  return configured === "off" ? undefined : `http://${configured}`;
}
