/** The network that a connection comes from, as far as one household or site is given one: an IPv4 /24, an IPv6 /56. */
import { familyOf, formatPrefix, networkOf, parseIpAddress } from "./addresses.ts";
import type { Branded } from "./units.ts";

export type NetworkPrefix = Branded<string, "NetworkPrefix">;

/** `remote` as a socket tells it, perhaps with a zone or as IPv4 within IPv6. What is no address shares one prefix. */
export function networkPrefixOf(remote: string | undefined): NetworkPrefix {
  const text = (remote ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  const address = parseIpAddress(text);
  if (address === undefined) return "unknown" as NetworkPrefix;
  return formatPrefix(networkOf({ address, length: familyOf(address) === "ipv4" ? 24 : 56 })) as NetworkPrefix;
}
