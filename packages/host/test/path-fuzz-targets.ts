/** Decoders of what comes from the network through sockets on paths, for the fuzzer. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { families, ipAddress } from "@ropewalk/kernel/addresses";
import { decodeSocketAddress, encodeSocketAddress } from "../src/linux/socket-address.ts";
import { decodeEchoReply, encodeEchoRequest, internetChecksum, stripIpv4Header } from "../src/pure/echo-message.ts";

export interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}

const addresses: readonly IpAddress[] = [ipAddress("192.0.2.1"), ipAddress("2001:db8::1")];

/** The request of an echo with the type, and for IPv4 the checksum, of its reply. */
function replyTo(request: Uint8Array, type: number): Uint8Array {
  const reply = request.slice();
  reply[0] = type;
  new DataView(reply.buffer).setUint16(2, 0);
  new DataView(reply.buffer).setUint16(2, internetChecksum(reply));
  return reply;
}

const request = { identifier: 0x1234, sequence: 7, payload: new TextEncoder().encode("abcdefgh") };
const replies = {
  ipv4: replyTo(encodeEchoRequest("ipv4", request), 0),
  ipv6: replyTo(encodeEchoRequest("ipv6", request), 129),
} as const;

export const fuzzTargets: readonly FuzzTarget[] = [
  ...families.map((family) => ({
    name: `echo reply, ${family}`,
    run: (bytes: Uint8Array) => void decodeEchoReply(family, bytes),
    seeds: [replies[family]],
  })),
  {
    name: "echo reply behind an IPv4 header",
    run: (bytes) => {
      const message = stripIpv4Header(bytes);
      if (message !== undefined) decodeEchoReply("ipv4", message);
    },
    seeds: [Uint8Array.of(0x45, ...new Uint8Array(19), ...replies.ipv4)],
  },
  {
    name: "socket address",
    run: (bytes) => void decodeSocketAddress(bytes),
    seeds: addresses.map((address) => encodeSocketAddress({ address, port: 53 })),
  },
];
