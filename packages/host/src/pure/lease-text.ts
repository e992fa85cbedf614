/**
 * A lease as our script of udhcpc writes it down: lines of `key=value`, each key once. What the server said is untrusted, so a text
 * that is not wholly understood is none.
 */
import {
  familyOf,
  type IpAddress,
  isLoopback,
  type Prefix,
  parseIpAddress,
  parsePrefix,
} from "@ropewalk/kernel/addresses";

export interface HeldLease {
  readonly address: Prefix;
  readonly resolvers: readonly IpAddress[];
  /** The way to the internet that it gives, if any; without a gateway everybody is on the link itself. */
  readonly wayOut: { readonly gateway: IpAddress | undefined } | undefined;
  /** Vendor-specific information (option 43), in hexadecimal. */
  readonly vendor: string;
  /** The number of the process that got it; undefined: it is not said. */
  readonly client: number | undefined;
}

/** Longer than anything that a DHCP message of 1500 octets could make. */
const longestText = 16 * 1024;
const mostWords = 64;
const unspecified = "0.0.0.0";

/** Undefined for what is not a lease, or not of a sound address. */
export function parseLease(text: string): HeldLease | undefined {
  if (text.length > longestText) return undefined;
  const values = new Map<string, string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const parts = /^([a-z]{1,16})=(.*)$/.exec(line);
    const [, key = "", value = ""] = parts ?? [];
    if (parts === null || values.has(key)) return undefined;
    values.set(key, value);
  }
  const address = parsePrefix(values.get("address") ?? "");
  if (address === undefined || !isHostAddress(address.address)) return undefined;
  const words = (key: string) =>
    (values.get(key) ?? "")
      .split(" ")
      .filter((word) => word !== "")
      .slice(0, mostWords);
  return {
    address,
    resolvers: addresses(words("resolvers")),
    wayOut: wayOut(words("routes"), words("routers")),
    vendor: values.get("vendor") ?? "",
    client: /^[1-9]\d{0,9}$/.test(values.get("client") ?? "") ? Number(values.get("client")) : undefined,
  };
}

/** Where there are classless routes, the option of routers must be ignored (RFC 3442, "DHCP Client Behavior"). */
function wayOut(routes: readonly string[], routers: readonly string[]): HeldLease["wayOut"] {
  if (routes.length === 0) {
    const [gateway] = addresses(routers);
    return gateway === undefined ? undefined : { gateway };
  }
  for (let at = 0; at + 1 < routes.length; at += 2) {
    if (routes[at] !== "0.0.0.0/0") continue;
    if (routes[at + 1] === unspecified) return { gateway: undefined };
    const [gateway] = addresses([routes[at + 1] ?? ""]);
    return gateway === undefined ? undefined : { gateway };
  }
  return undefined;
}

function addresses(words: readonly string[]): readonly IpAddress[] {
  const parsed = words.map(parseIpAddress).filter((address) => address !== undefined);
  return [...new Set(parsed.filter(isHostAddress))];
}

/** An IPv4 address that a machine may have: none of "this network", loopback, multicast or reserved (RFC 6890 §2.2.2, RFC 5771). */
function isHostAddress(address: IpAddress): boolean {
  if (familyOf(address) !== "ipv4" || isLoopback(address)) return false;
  const first = Number(address.split(".")[0]);
  return first > 0 && first < 224;
}
