/** Texts of the `[core]` table: networks, services of the node, and how long things may take. */
import { formatPrefix, isLoopback, networkOf, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { type ListenText, listeningPlace, listenText, reading } from "@ropewalk/ops/config-places";
import { durationSchema } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import type { PeerService } from "../pure/exit-table.ts";

/** `words` says both bounds. */
export function durationWithin(least: number, most: number, words: string): typeof durationSchema {
  return durationSchema.refine((value) => value >= least && value <= most, { error: `expected ${words}` });
}

/** An address of the node with the length of its network. */
export const ownPrefix: z.ZodType<Prefix, string> = reading(
  parsePrefix,
  'an own address with the length of its network: "10.90.0.1/16", "fd72:6f70:6577::1/64"',
);

/** "10.0.0.0/8", or one address. */
export const networkText: z.ZodType<Prefix, string> = z.string().transform((text, context): Prefix => {
  const prefix = parsePrefix(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`);
  const network = prefix === undefined ? undefined : networkOf(prefix);
  if (prefix !== undefined && network?.address === prefix.address) return prefix;
  const message =
    network === undefined
      ? 'expected a network or an address: "10.0.0.0/8", "2001:db8::/32"'
      : `has more bits than its length lets it have: write ${formatPrefix(network)} for the whole network`;
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

/** "udp/53". */
export const peerService: z.ZodType<PeerService, string> = reading((text): PeerService | undefined => {
  const match = /^(tcp|udp)\/(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  const protocol = match?.[1] === "tcp" ? "tcp" : "udp";
  return match !== null && port >= 1 && port <= 65_535 ? { protocol, port } : undefined;
}, 'a protocol and a port: "udp/53", "tcp/53"');

const loopback = 'expected a loopback address with a port, "127.0.0.1:7430" or "[::1]:7430", or "off"';

export const loopbackText: z.ZodType<ListenText | "off", string> = z
  .string()
  .transform((text, context): ListenText | "off" => {
    if (text === "off") return text;
    const read = listenText.safeParse(text);
    if (read.success && isLoopback(listeningPlace(read.data).address)) return read.data;
    context.issues.push({ code: "custom", input: text, message: loopback });
    return z.NEVER;
  });
