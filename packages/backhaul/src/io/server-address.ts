/**
 * DNS servers as other programs write them: with a port, a zone or a TLS name after the address. Only what plain DNS on
 * port 53 can reach by the link in question is kept.
 */
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";

/** The link that a server must be reachable by. */
export interface LinkName {
  readonly ifindex: number;
  readonly name: string;
}

/** More than any program asks; a longer list is an accident or an attack. */
const mostServers = 16;

/**
 * `192.0.2.53`, `192.0.2.53:53`, `fe80::1%eth0`, `[2001:db8::53]:53%eth0#dns.example`. A bare IPv6 address has no port.
 * Source: systemd in_addr_full_to_string (src/shared/socket-netlink.c), resolv.conf(5), RFC 4007 §11.
 */
const serverPattern =
  /^(?:\[(?<bracketed>[^\]]{1,45})\](?::(?<port6>\d{1,5}))?|(?<dotted>[\d.]{7,15})(?::(?<port4>\d{1,5}))?|(?<bare>[\da-fA-F:.]{2,45}))(?:%(?<zone>[^#%\s]{1,15}))?(?:#\S{1,255})?$/;

/**
 * The address in `text`, or undefined when there is none, when it belongs to another link, or when it answers on another
 * port than 53. The zone is dropped: within one uplink it says nothing new.
 */
export function parseServer(text: string, link: LinkName): IpAddress | undefined {
  const parts = serverPattern.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { bracketed, dotted, bare, zone } = parts;
  const port = parts["port4"] ?? parts["port6"];
  if (port !== undefined && Number(port) !== 53) return undefined;
  if (zone !== undefined && zone !== link.name && zone !== String(link.ifindex)) return undefined;
  return usable(parseIpAddress(bracketed ?? dotted ?? bare ?? ""));
}

/** The servers named by `words`, in their order, each once. */
export function parseServers(words: readonly string[], link: LinkName): readonly IpAddress[] {
  return distinctServers(words.map((word) => parseServer(word, link)));
}

/** The addresses that are there, in their order, each once. */
export function distinctServers(addresses: Iterable<IpAddress | undefined>): readonly IpAddress[] {
  const distinct = new Set<IpAddress>();
  for (const address of addresses) {
    if (distinct.size === mostServers) break;
    if (usable(address) !== undefined) distinct.add(address as IpAddress);
  }
  return [...distinct];
}

/** Nobody answers at the unspecified address. */
function usable(address: IpAddress | undefined): IpAddress | undefined {
  return address === "0.0.0.0" || address === "::" ? undefined : address;
}
