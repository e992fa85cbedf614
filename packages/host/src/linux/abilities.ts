/**
 * What this process may do on this kernel, found out by trying: every attempt is a socket that is closed again, and
 * nothing is changed. (The capabilities in /proc/self/status would mislead: those of a user namespace do not reach the
 * network of another.)
 */
import { release } from "node:os";
import type { Family } from "@ropewalk/kernel/addresses";
import type { HostAbilities } from "../ports.ts";
import { icmpProtocol } from "./echo-descriptor.ts";
import { AF, type Native, SOCK } from "./native.ts";
import { encodeInt, SO, SOL_SOCKET } from "./socket-options.ts";

const domains: Readonly<Record<Family, number>> = { ipv4: AF.INET, ipv6: AF.INET6 };

/** Loopback has this index in every network namespace (net/core/dev.c: LOOPBACK_IFINDEX). */
const loopbackIndex = 1;
/** RCVBUFFORCE takes CAP_NET_ADMIN alone and may shrink; the socket that it shrinks is closed with the attempt. */
const anySize = 4096;

export function readAbilities(native: Native): HostAbilities {
  const setsOption = (name: number, value: number) =>
    tries(native, AF.INET, SOCK.DGRAM, 0, (fd) => native.setOption(fd, SOL_SOCKET, name, encodeInt(value)) >= 0);
  return {
    kernelRelease: release(),
    isRoot: process.geteuid?.() === 0,
    netAdmin: setsOption(SO.RCVBUFFORCE, anySize),
    netRaw: tries(native, AF.INET, SOCK.RAW, icmpProtocol.ipv4),
    pingSocket: {
      ipv4: tries(native, domains.ipv4, SOCK.DGRAM, icmpProtocol.ipv4),
      ipv6: tries(native, domains.ipv6, SOCK.DGRAM, icmpProtocol.ipv6),
    },
    bindToDevice: setsOption(SO.BINDTOIFINDEX, loopbackIndex),
    socketMark: setsOption(SO.MARK, 0),
    ipv6: tries(native, AF.INET6, SOCK.DGRAM, 0),
  };
}

/** Whether the socket opens and, when there is more to try, `attempt` succeeds on it. */
function tries(
  native: Native,
  domain: number,
  type: number,
  protocol: number,
  attempt: (fd: number) => boolean = () => true,
): boolean {
  const fd = native.socket(domain, type, protocol);
  if (fd < 0) return false;
  try {
    return attempt(fd);
  } finally {
    native.close(fd);
  }
}
