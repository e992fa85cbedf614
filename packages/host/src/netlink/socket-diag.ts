/**
 * Sockets of this network namespace, listed and destroyed. Source: linux/inet_diag.h, sock_diag(7).
 *
 *   inet_diag_req_v2   family u8 | protocol u8 | extensions u8 | pad u8 | states u32 | id
 *   inet_diag_msg      family u8 | state u8 | timer u8 | retransmits u8 | id | expires, rqueue, wqueue, uid, inode: u32 each | attributes
 *   id (48 octets)     source port be16 | destination port be16 | source 16 | destination 16 | interface u32 | cookie 8
 */
import { type Family, type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { attributeU32, readAttributes } from "./attributes.ts";
import { familyOfNumber } from "./families.ts";
import { readU32, writeU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { NLM_F } from "./message.ts";
import { encodeRequest } from "./request.ts";

const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const INET_DIAG_MARK = 15;
const requestLength = 56;
const idOffset = 8;
const idLength = 48;
const messageIdOffset = 4;
/** In the id. */
const interfaceOffset = 36;
const messageLength = 72;
/** All in which a connection is being made, stands, or ends by itself later; not LISTEN, TIME_WAIT and CLOSE. Source: net/tcp_states.h. */
const connected = [1, 2, 3, 4, 5, 8, 9, 11].reduce((mask, state) => mask | (1 << state), 0);

const socketProtocols = { tcp: 6, udp: 17 } as const;
export type SocketProtocol = keyof typeof socketProtocols;

export interface ConnectedSocket {
  readonly family: Family;
  readonly protocol: SocketProtocol;
  /** That of an IPv6 socket that speaks IPv4 is IPv4's. */
  readonly source: IpAddress;
  /** The interface that it is bound to, by index; zero when to none. */
  readonly boundTo: number;
  /** SO_MARK; the kernel tells it to who has CAP_NET_ADMIN. */
  readonly mark: number;
  /** What the kernel knows it by. */
  readonly id: Uint8Array;
}

const familyNumbers: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };

/** Asks for all that are connected; the answer ends with NLMSG_DONE. */
export function encodeSocketDump(family: Family, protocol: SocketProtocol, sequence: number): Uint8Array {
  const header = new Uint8Array(requestLength);
  header.set([familyNumbers[family], socketProtocols[protocol]]);
  writeU32(header, 4, connected);
  return encodeRequest(SOCK_DIAG_BY_FAMILY, NLM_F.DUMP, sequence, header, []);
}

/** Ends the socket with ECONNABORTED for whoever has it. The kernel answers with a verdict: ENOENT when it is gone. */
export function encodeSocketDestroy({ family, protocol, id }: ConnectedSocket, sequence: number): Uint8Array {
  const header = new Uint8Array(requestLength);
  header.set([familyNumbers[family], socketProtocols[protocol]]);
  writeU32(header, 4, connected);
  header.set(id, idOffset);
  return encodeRequest(SOCK_DESTROY, NLM_F.ACK, sequence, header, []);
}

export function decodeSocket(payload: Uint8Array, protocol: SocketProtocol): ConnectedSocket | Malformed {
  const family = familyOfNumber(payload[0]);
  const attributes = readAttributes(payload.subarray(messageLength));
  if (payload.length < messageLength || family === undefined || attributes === undefined) {
    return malformed("a message of a socket cut short");
  }
  const id = payload.slice(messageIdOffset, messageIdOffset + idLength);
  const source = sourceIn(id, family);
  if (source === undefined) return malformed("a message of a socket without its address");
  const boundTo = readU32(id, interfaceOffset) ?? 0;
  return { family, protocol, source, boundTo, mark: attributeU32(attributes, INET_DIAG_MARK) ?? 0, id };
}

function sourceIn(id: Uint8Array, family: Family): IpAddress | undefined {
  const octets = id.subarray(4, 20);
  const isMapped = octets.subarray(0, 10).every((octet) => octet === 0) && octets[10] === 0xff && octets[11] === 0xff;
  if (family === "ipv4") return ipAddressFromBytes(octets.subarray(0, 4));
  return ipAddressFromBytes(isMapped ? octets.subarray(12) : octets);
}
