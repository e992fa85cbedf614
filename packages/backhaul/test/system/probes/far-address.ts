/** The addresses of the far end of the probes' network, each with one behaviour; both families alike. */
import { type Family, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";

function far(host: number): Readonly<Record<Family, IpAddress>> {
  return { ipv4: ipAddress(`203.0.113.${host}`), ipv6: ipAddress(`2001:db8:113::${host}`) };
}

export const farEnd = {
  /** Echo, every TCP server, and an honest resolver. */
  server: far(1),
  silent: far(2),
  /** Resolvers, by what is wrong with them. */
  otherId: far(11),
  otherSender: far(12),
  otherQuestion: far(13),
  looping: far(14),
  refusing: far(15),
  truncating: far(16),
  slow: far(17),
  forgetful: far(18),
  unknowing: far(19),
  /** No packet above 1,200 octets reaches these; the second hears no ICMP at all. */
  narrow: far(20),
  deaf: far(21),
  /** The far end has no route to it, and says so by ICMP. */
  unreachable: far(30),
  /** Behind a link of MTU 1,400, whose router says so. */
  beyond: { ipv4: ipAddress("203.0.114.1"), ipv6: ipAddress("2001:db8:114::1") },
} as const satisfies Readonly<Record<string, Readonly<Record<Family, IpAddress>>>>;

/** Of `farEnd.server`. */
export const farPort = {
  http: 80,
  tls: 443,
  tls12: 444,
  selfSigned: 8_443,
  otherName: 8_444,
  expired: 8_445,
  notYetValid: 8_446,
  garbage: 8_447,
  endlessGarbage: 8_448,
  mute: 8_449,
  closing: 8_450,
  resetting: 8_451,
  closed: 9,
} as const;

/** The name that the certificates prove, and the resolvers know. */
export const serverName = "probe.test";
