/** Octets of the packets of each kind of probe over IPv4, as Linux and the usual servers send them, retransmissions apart. */
import { echoOctets } from "@ropewalk/backhaul/pure/probing/packet-octets";
import { type Bytes, bytes } from "@ropewalk/kernel/units";
import type { Round } from "./exchange.ts";

export const echo: Bytes = bytes(echoOctets("ipv4", 8));

/** IP header 20; TCP header 20, with 20 octets of options in a SYN and 12 of timestamps else. */
export const syn: Bytes = bytes(60);
export const synAck: Bytes = bytes(60);
export const acknowledgement: Bytes = bytes(52);
export const reset: Bytes = bytes(52);

/** A question for one short name, and its answer with two addresses (RFC 1035 §4.1). */
export const dns: { readonly question: Bytes; readonly answer: Bytes } = { question: bytes(56), answer: bytes(88) };

/** By TCP: two octets of length in front (RFC 1035 §4.2.2). */
export const dnsByTcp: readonly Round[] = [{ up: [bytes(82)], down: [acknowledgement, bytes(114)] }];

const fullSegment = bytes(1_500);

/** TLS 1.3: a short hello, four kilobytes of the server's, most of them certificates; acknowledgements and our Finished. */
export const tls: readonly Round[] = [
  { up: [bytes(417)], down: [acknowledgement, fullSegment, fullSegment, bytes(1_156)] },
  { up: [acknowledgement, acknowledgement, acknowledgement, bytes(132)], down: [acknowledgement] },
];

/** A short request, a head without a body, and the peer's end of the connection. */
export const http: readonly Round[] = [{ up: [bytes(184)], down: [acknowledgement, bytes(272), acknowledgement] }];
