/**
 * A network in memory for tests of what uses sockets on paths: the links of this host, peers that tests script, and
 * loss on demand. Everything sent arrives in the next microtask or never; there is no time and no chance in it.
 */
import type { Duplex } from "node:stream";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";

export interface FakeEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** Something on its way from this host. Peers see it as the far end would: by its source, and by the link it left on. */
export interface FakeDeparture {
  readonly kind: "datagram" | "echo" | "connection";
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly link: string;
  readonly to: IpAddress;
  /** Octets of the whole IP packet; of a connection, those of a bare SYN. */
  readonly size: number;
  /** The packet may not be cut: a narrow path is `lose(({ size, dontFragment }) => dontFragment && size > 1_200)`. */
  readonly dontFragment: boolean;
}

export type DatagramPeer = (payload: Uint8Array, departure: FakeDeparture) => Uint8Array | undefined;
export type ConnectionPeer = (stream: Duplex, departure: FakeDeparture) => void;

interface FakeLink {
  readonly name: string;
  readonly addresses: ReadonlySet<IpAddress>;
  readonly mtu: number;
}

export class FakePathNetwork {
  readonly #links = new Map<number, FakeLink>();
  readonly #hosts = new Set<IpAddress>();
  readonly #datagramPeers = new Map<string, DatagramPeer>();
  readonly #connectionPeers = new Map<string, ConnectionPeer>();
  readonly #losses = new Set<(departure: FakeDeparture) => boolean>();

  /** Adds the link or puts another state in its place. */
  setLink(ifindex: number, name: string, addresses: readonly IpAddress[], mtu = 1_500): void {
    this.#links.set(ifindex, { name, addresses: new Set(addresses), mtu });
  }

  removeLink(ifindex: number): void {
    this.#links.delete(ifindex);
  }

  /** A host that answers echoes and refuses connections. All other addresses are silent. */
  addHost(address: IpAddress): void {
    this.#hosts.add(address);
  }

  /** `peer` returns what it answers; undefined is silence. */
  onDatagram(at: FakeEndpoint, peer: DatagramPeer): void {
    this.#datagramPeers.set(keyOf(at), peer);
  }

  onConnection(at: FakeEndpoint, peer: ConnectionPeer): void {
    this.#connectionPeers.set(keyOf(at), peer);
  }

  /** Loses everything for which `isLost` holds, until disposed. */
  lose(isLost: (departure: FakeDeparture) => boolean): Disposable {
    this.#losses.add(isLost);
    return { [Symbol.dispose]: () => void this.#losses.delete(isLost) };
  }

  /** Why `binding` is no path of this host now; undefined when it is one. */
  lackOf(binding: PathBinding): string | undefined {
    const link = this.#links.get(binding.ifindex);
    if (link === undefined)
      return `${binding.name} was interface ${binding.ifindex}, but no interface has that index now`;
    if (link.name !== binding.name) {
      return `${binding.name} was interface ${binding.ifindex}, but that index is "${link.name}" now`;
    }
    return link.addresses.has(binding.source)
      ? undefined
      : `${binding.source} is no usable address of ${binding.name} any more`;
  }

  /** Why a packet that may not be cut does not fit the link; undefined when it does. */
  excessOf(binding: PathBinding, size: number): string | undefined {
    const mtu = this.#links.get(binding.ifindex)?.mtu ?? 0;
    return size > mtu ? `EMSGSIZE, ${size} octets in one packet, ${binding.name} takes ${mtu}` : undefined;
  }

  datagramPeer(to: FakeEndpoint, departure: FakeDeparture): DatagramPeer | undefined {
    return this.#isLost(departure) ? undefined : this.#datagramPeers.get(keyOf(to));
  }

  /** Undefined while nobody answers: connecting then waits, as it does in earnest. */
  connectionPeer(to: FakeEndpoint, departure: FakeDeparture): ConnectionPeer | "refused" | undefined {
    if (this.#isLost(departure)) return undefined;
    return this.#connectionPeers.get(keyOf(to)) ?? (this.#hosts.has(to.address) ? "refused" : undefined);
  }

  answersEcho(departure: FakeDeparture): boolean {
    return this.#hosts.has(departure.to) && !this.#isLost(departure);
  }

  #isLost(departure: FakeDeparture): boolean {
    return [...this.#losses].some((isLost) => isLost(departure));
  }
}

/** Octets before the payload: the IP header and that of ICMP, UDP or TCP. */
const headers = { ipv4: 20, ipv6: 40, echo: 8, datagram: 8, connection: 20 } as const;

export interface FakePacket {
  readonly kind: FakeDeparture["kind"];
  readonly sourcePort: number;
  readonly to: IpAddress;
  readonly payloadLength: number;
  readonly dontFragment?: boolean;
}

export function departureFrom(binding: PathBinding, packet: FakePacket): FakeDeparture {
  const { kind, sourcePort, to, payloadLength, dontFragment = false } = packet;
  const size = headers[binding.family] + headers[kind] + payloadLength;
  return { kind, source: binding.source, sourcePort, link: binding.name, to, size, dontFragment };
}

function keyOf({ address, port }: FakeEndpoint): string {
  return `${port}/${address}`;
}
