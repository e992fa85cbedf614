/** Who is carried, as a device has him. */
import type { PresentPeer, WantedPeer } from "@ropewalk/host/wireguard/device";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { familyOf, type IpAddress, type Prefix } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { Stranger } from "./held.ts";
import type { Lease } from "./lease-elements.ts";
import type { Peer } from "./order.ts";

/** Keys and addresses were read as such when the order came, or from the store. */
export function wantedPeer({ publicKey, addresses, presharedKey }: Peer): WantedPeer {
  return {
    ...{ publicKey: publicKey as WireGuardPublicKey, presharedKey, keepalive: undefined },
    allowedPrefixes: addresses.map((address) => hostPrefix(address as IpAddress)),
  };
}

/**
 * The peers of a device that the kernel lets through, each until the first of its leases ends: as far as a node that has lost its store can tell who is
 * there.
 */
export function strangersAmong(peers: Iterable<PresentPeer>, leases: readonly Lease[]): readonly Stranger[] {
  const ends = new Map(leases.map(({ address, endsAt }) => [address, endsAt]));
  return [...peers].flatMap(({ publicKey, allowedPrefixes, presharedKey }) => {
    const addresses = allowedPrefixes.filter(isHost).map(({ address }) => address);
    const until = addresses.map((address) => ends.get(address)).filter((end) => end !== undefined);
    if (addresses.length === 0 || addresses.length < allowedPrefixes.length || until.length < addresses.length)
      return [];
    const peer: Peer = presharedKey === undefined ? { publicKey, addresses } : { publicKey, addresses, presharedKey };
    return [{ peer, endsAt: Math.min(...until) as Millis }];
  });
}

function hostPrefix(address: IpAddress): Prefix {
  return { address, length: familyOf(address) === "ipv4" ? 32 : 128 };
}

function isHost({ address, length }: Prefix): boolean {
  return length === hostPrefix(address).length;
}
