/**
 * What keeps a bloated queue filled: datagrams to a neighbour of edge who is not there, as on a medium that a site shares
 * with others. They wait in the same queue and cross the same links; edge's interface passes them over, because they
 * bear another hardware address.
 */
import { type Bytes, bytes } from "@ropewalk/kernel/units";
import { interfaces } from "./topology.ts";

const neighbourHardware = "02:00:00:00:00:fe";

/** The last host of all that core sends to the ISP in `slot`. */
export function neighbourAddress(slot: number): string {
  return `198.18.${slot * 8 + 7}.254`;
}

/** What the filler is told: as JSON, the first line of its input. */
export interface Filling {
  readonly device: string;
  readonly address: string;
  /** How long the queue shall be, with the headers of the link. */
  readonly octets: number;
}

/** IPv4, UDP and the link's header (RFC 791 §3.1, RFC 768): with them it is what the queue counts. */
const headers = 20 + 8 + 14;
export const fillerPayload: Bytes = bytes(1_222);

/** The kernel holds a socket to what its send buffer takes, so a long queue needs several. */
export const fillerSockets = 16;

/** At most this many at once: a full queue of ten seconds. */
const mostAtOnce = 1_000;

/** Lines for `ip -batch` on the ISP, by which the neighbour is there without being asked for. */
export function neighbourLines(slot: number): readonly string[] {
  const address = neighbourAddress(slot);
  const device = `dev ${interfaces.customer}`;
  return [
    `neighbour replace ${address} lladdr ${neighbourHardware} nud permanent ${device}`,
    `route replace ${address}/32 ${device} scope link`,
  ];
}

/** How many datagrams bring a queue of `waiting` up to `wanted`. */
export function datagramsToSend(wanted: Bytes, waiting: Bytes): number {
  return Math.min(mostAtOnce, Math.max(0, Math.round((wanted - waiting) / (fillerPayload + headers))));
}

/** The octets in the queue of the root, from one line of `tc -s -j qdisc show`; undefined when there is none. */
export function parseBacklog(line: string): Bytes | undefined {
  try {
    const [root] = JSON.parse(line) as readonly { readonly kind: string; readonly backlog?: number }[];
    return root?.kind === "tbf" ? bytes(root.backlog ?? 0) : undefined;
  } catch {
    return undefined;
  }
}
