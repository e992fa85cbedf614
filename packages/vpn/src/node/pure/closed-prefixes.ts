/**
 * Where no peer may go by default: what a cloud tells its machines, by whatever address, and the networks that are not the internet.
 * Sources: the IANA special-purpose address registries (RFC 6890); the clouds' own documentation.
 */
import { type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";

/** No setting opens these. */
export const metadataPrefixes: readonly Prefix[] = prefixes([
  // Link-local, where AWS, Azure, Google and most others answer: 169.254.169.254.
  "169.254.0.0/16",
  "fe80::/10",
  // AWS: instance metadata, resolver and clock.
  "fd00:ec2::/32",
  // Google.
  "fd20:ce::254/128",
  // Azure's host, which has a public address.
  "168.63.129.16/32",
  // Alibaba; Oracle.
  "100.100.100.200/32",
  "192.0.0.192/32",
]);

/** Opened one by one. Benchmarking (198.18.0.0/15) and documentation prefixes are nobody's network and not among them. */
export const privatePrefixes: readonly Prefix[] = prefixes([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4"],
  // Unspecified, loopback, and IPv4 written as IPv6.
  "::/96",
  "::ffff:0:0/96",
  // These lead to IPv4 addresses by a translator or a tunnel, private ones among them (RFC 6052, RFC 8215, RFC 3056).
  ...["64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"],
  ...["100::/64", "fc00::/7", "fec0::/10", "ff00::/8"],
]);

function prefixes(texts: readonly string[]): readonly Prefix[] {
  return texts.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new InternalError(`"${text}" is no prefix`);
    return prefix;
  });
}
