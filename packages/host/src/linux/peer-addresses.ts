/**
 * The few peers that a socket talks to over and over, so that the text of an address is parsed and formatted once and not
 * with every packet. Bounded: the one that was used first leaves.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { decodeSocketAddress, encodeSocketAddress } from "./socket-address.ts";

const mostPeers = 16;

interface Peer {
  readonly address: IpAddress;
  /** The socket address, port zero. */
  readonly encoded: Uint8Array;
}

export class PeerAddresses {
  readonly #peers: Peer[] = [];

  encode(address: IpAddress): Uint8Array {
    return (this.#peers.find((peer) => peer.address === address) ?? this.#add(address)).encoded;
  }

  /** The address in a socket address; undefined when there is none. */
  decode(encoded: Uint8Array): IpAddress | undefined {
    const known = this.#peers.find((peer) => isSameHost(peer.encoded, encoded));
    return known === undefined ? decodeSocketAddress(encoded)?.address : known.address;
  }

  #add(address: IpAddress): Peer {
    const peer = { address, encoded: encodeSocketAddress({ address, port: 0 }) };
    if (this.#peers.push(peer) > mostPeers) this.#peers.shift();
    return peer;
  }
}

/** Family and address; neither port, nor flow, nor the scope that the kernel fills in. */
function isSameHost(peer: Uint8Array, other: Uint8Array): boolean {
  if (peer[0] !== other[0] || peer[1] !== other[1]) return false;
  const [start, end] = peer.length === 16 ? [4, 8] : [8, 24];
  for (let index = start; index < end; index += 1) if (peer[index] !== other[index]) return false;
  return true;
}
