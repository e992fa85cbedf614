/**
 * D-Bus addresses, as far as they name a Unix socket: the system bus of a machine is always one, and the other
 * transports reach outside the machine or start processes. Source: D-Bus Specification, "Server Addresses".
 */

/**
 * The socket of the first address in the list that has one, as node:net takes it: a path, or a NUL before an abstract
 * name. Undefined when none has.
 */
export function parseBusAddress(addresses: string): string | undefined {
  for (const address of addresses.split(";")) {
    if (!address.startsWith("unix:")) continue;
    for (const pair of address.slice("unix:".length).split(",")) {
      const [, key, value] = /^(path|abstract)=(.+)$/.exec(pair) ?? [];
      const name = value === undefined ? undefined : unescapeValue(value);
      if (name === undefined || name.includes("\0")) continue;
      return key === "abstract" ? `\0${name}` : name;
    }
  }
  return undefined;
}

/** `%2f` is an octet; undefined when the octets are not UTF-8. */
function unescapeValue(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
