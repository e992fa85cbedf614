/** Octets of the packets of each kind of probe, as Linux and the usual servers send them, retransmissions apart. */
import { echoOctets } from "@ropewalk/backhaul/pure/probing/packet-octets";
import type { Family } from "@ropewalk/kernel/addresses";
import { type Bytes, bytes } from "@ropewalk/kernel/units";

/** One question in one or more packets, and the packets of its answer. */
export interface Round {
  readonly up: readonly Bytes[];
  readonly down: readonly Bytes[];
}

export interface ProbeSizes {
  readonly echo: Bytes;
  readonly syn: Bytes;
  readonly synAck: Bytes;
  readonly acknowledgement: Bytes;
  readonly reset: Bytes;
  readonly dns: { readonly question: Bytes; readonly answer: Bytes };
  readonly dnsByTcp: readonly Round[];
  readonly tls: readonly Round[];
  readonly http: readonly Round[];
}

const udpHeader = 8;
/** With 12 octets of timestamps. */
const tcpHeader = 32;
/** With 20 octets of options. */
const synHeader = 40;
const fullPacket = bytes(1_500);
/** For one short name (RFC 1035 §4.1). */
const dnsQuestion = 28;
/** A compressed name and the fixed fields of each of two addresses. */
const dnsRecord = 12;

const addressLength: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 16 };
const ipHeader: Readonly<Record<Family, number>> = { ipv4: 20, ipv6: 40 };

function sizesOf(family: Family): ProbeSizes {
  const ip = (size: number) => bytes(ipHeader[family] + size);
  const segment = (payload: number) => ip(tcpHeader + payload);
  const acknowledgement = segment(0);
  const dnsAnswer = dnsQuestion + 2 * (dnsRecord + addressLength[family]);
  // Four kilobytes of the server's, most of them certificates.
  const handshake = 4_000 - 2 * (fullPacket - acknowledgement);
  return {
    echo: bytes(echoOctets(family, 8)),
    syn: ip(synHeader),
    synAck: ip(synHeader),
    acknowledgement,
    reset: acknowledgement,
    dns: { question: ip(udpHeader + dnsQuestion), answer: ip(udpHeader + dnsAnswer) },
    // Two octets of length in front (RFC 1035 §4.2.2).
    dnsByTcp: [{ up: [segment(2 + dnsQuestion)], down: [acknowledgement, segment(2 + dnsAnswer)] }],
    // TLS 1.3: a short hello, acknowledgements and our Finished.
    tls: [
      { up: [segment(365)], down: [acknowledgement, fullPacket, fullPacket, segment(handshake)] },
      { up: [acknowledgement, acknowledgement, acknowledgement, segment(80)], down: [acknowledgement] },
    ],
    // A short request, a head without a body, and the peer's end of the connection.
    http: [{ up: [segment(132)], down: [acknowledgement, segment(220), acknowledgement] }],
  };
}

export const probeSizes: Readonly<Record<Family, ProbeSizes>> = { ipv4: sizesOf("ipv4"), ipv6: sizesOf("ipv6") };
