/** Networks, patterns of hosts and spans of ports as the `[tunnel]` table takes them. */
import { formatPrefix, networkOf, type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { parseHost, parseHostName } from "@ropewalk/kernel/host-port";
import { unmappedNetwork } from "@ropewalk/kernel/mapped-addresses";
import { port, reading } from "@ropewalk/ops/config-places";
import { z } from "zod";
import type { PortRange } from "../pure/allow-list.ts";

/** "10.0.0.0/8", or one address. */
export const networkText: z.ZodType<Prefix, string> = z.string().transform((text, context): Prefix => {
  const prefix = parsePrefix(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`);
  const network = prefix === undefined ? undefined : networkOf(prefix);
  if (prefix !== undefined && network?.address === prefix.address) return unmappedNetwork(prefix);
  const message =
    network === undefined
      ? 'expected a network or an address: "10.0.0.0/8", "2001:db8::/32"'
      : `has more bits than its length lets it have: write ${formatPrefix(network)} for the whole network`;
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

/** A name, or "*." before one; an address too. */
export const hostPattern: z.ZodType<string, string> = reading((text) => {
  if (!text.startsWith("*.")) return parseHost(text);
  const name = parseHostName(text.slice(2));
  return name === undefined ? undefined : `*.${name}`;
}, 'a name, "*." before one, or an address: "db.lan.example", "*.lan.example"; a name in another script as "xn--…"');

const spanText: z.ZodType<PortRange, string> = reading((text) => {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) };
  return range.first >= 1 && range.first <= range.last && range.last <= 65_535 ? range : undefined;
}, 'a port or a span of ports: 22, "8000-8100"');

/** 22, or "8000-8100". */
export const portRange: z.ZodType<PortRange, number | string> = z.union([
  port.transform((one): PortRange => ({ first: one, last: one })),
  spanText,
]);
