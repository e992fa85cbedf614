/** Something on its way from this host on the network in memory, as the far end would see it. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";

export interface FakeEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** Seen by its source, and by the link it left on. */
export interface FakeDeparture {
  readonly kind: "datagram" | "echo" | "connection";
  readonly source: IpAddress;
  /** The identifier of an echo. */
  readonly sourcePort: number;
  readonly link: string;
  readonly to: IpAddress;
  /** Zero for an echo. */
  readonly port: number;
  /** Octets of the whole IP packet; of a connection, those of a bare SYN. */
  readonly size: number;
  /** The packet may not be cut. */
  readonly dontFragment: boolean;
}

export type SelectsDeparture = (departure: FakeDeparture) => boolean;

export interface FakePacket {
  readonly kind: FakeDeparture["kind"];
  readonly sourcePort: number;
  readonly to: FakeEndpoint;
  readonly payloadLength: number;
  readonly dontFragment?: boolean;
}

/** Octets before the payload: the IP header and that of ICMP, UDP or TCP. */
const headers = { ipv4: 20, ipv6: 40, echo: 8, datagram: 8, connection: 20 } as const;

export function departureFrom(binding: PathBinding, packet: FakePacket): FakeDeparture {
  const { kind, sourcePort, to, payloadLength, dontFragment = false } = packet;
  return {
    ...{ kind, source: binding.source, sourcePort, link: binding.name, to: to.address, port: to.port, dontFragment },
    size: headers[binding.family] + headers[kind] + payloadLength,
  };
}
