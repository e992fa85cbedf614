/** What this kernel and this process's rights give to Ropewalk, from what the host found out by trying. */
import type { HostAbilities } from "@ropewalk/host/ports";
import { type Finding, good, lack, note } from "./finding.ts";

export function kernelFindings(abilities: HostAbilities): readonly Finding[] {
  return [
    good("kernel", "release", `Linux ${abilities.kernelRelease}`),
    good("kernel", "native calls", "the C library is reached from Node"),
    abilities.ipv6
      ? good("kernel", "IPv6", "available")
      : lack("kernel", "IPv6", "this kernel has no IPv6", "IPv6 uplinks cannot exist", "boot without ipv6.disable=1"),
  ];
}

/** Watching needs no right at all; what the next versions need is said with it. */
export function privilegeFindings(abilities: HostAbilities, uid: number): readonly Finding[] {
  const { pingSocket, netRaw, netAdmin, bindToDevice } = abilities;
  const canPing = netRaw || (pingSocket.ipv4 && pingSocket.ipv6);
  return [
    note("privilege", "user", abilities.isRoot ? "root" : `user ${uid}`, "watching needs no privilege"),
    canPing
      ? good("privilege", "ICMP", netRaw ? "raw sockets (CAP_NET_RAW)" : "ping sockets")
      : lack(
          "privilege",
          "ICMP",
          "neither ping sockets nor CAP_NET_RAW",
          "nothing in this version; measuring the health of uplinks will do without ICMP",
          "sysctl net.ipv4.ping_group_range, or CAP_NET_RAW for the service",
        ),
    bindToDevice
      ? good("privilege", "sockets bound to one uplink", "allowed")
      : lack(
          "privilege",
          "sockets bound to one uplink",
          "the kernel refuses SO_BINDTOIFINDEX",
          "nothing in this version; measuring one uplink needs it",
          "a kernel of version 5.7 or newer, or CAP_NET_RAW for the service",
        ),
    netAdmin
      ? good("privilege", "CAP_NET_ADMIN", "held; this version does not use it")
      : lack(
          "privilege",
          "CAP_NET_ADMIN",
          "not held",
          "nothing in this version, which changes no route; moving traffic will need it",
          "nothing to do now",
        ),
  ];
}
