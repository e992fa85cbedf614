/**
 * Names of targets, looked up as this machine does it (getaddrinfo: its hosts file, its resolvers). A name that is being looked up is
 * not asked for again, and only so many are at a time: an answer that never comes holds a thread of Node's until the resolver gives up.
 */
import { lookup } from "node:dns/promises";
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import type { HostName } from "@ropewalk/kernel/host-port";
import { unmapped } from "@ropewalk/kernel/mapped-addresses";

/** In the order to try them (RFC 6724), at least one; rejects with why there is none. */
export type LookUp = (name: HostName) => Promise<readonly IpAddress[]>;

const mostAtOnce = 64;

/** What a name resolves to is asked anew for each connection; nothing is kept. */
export function createLookUp(ask: LookUp = askResolver): LookUp {
  const pending = new Map<HostName, Promise<readonly IpAddress[]>>();
  return (name) => {
    const same = pending.get(name);
    if (same !== undefined) return same;
    if (pending.size >= mostAtOnce) return Promise.reject(new Error(`${mostAtOnce} other names are being looked up`));
    const asked = ask(name).finally(() => pending.delete(name));
    pending.set(name, asked);
    return asked;
  };
}

/** An address with a zone leads nowhere without its interface, and is left out. */
async function askResolver(name: HostName): Promise<readonly IpAddress[]> {
  const found = await lookup(name, { all: true, order: "verbatim" });
  const addresses = found.flatMap(({ address }) => parseIpAddress(address) ?? []).map(unmapped);
  if (addresses.length === 0) throw new Error(`${name} has no address that could be reached`);
  return [...new Set(addresses)];
}
