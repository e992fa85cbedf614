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

/**
 * Watching needs no right at all; what measuring and moving traffic need is said with it. `isToMove`: a node started here is to
 * move traffic.
 */
export function privilegeFindings(abilities: HostAbilities, uid: number, isToMove: boolean): readonly Finding[] {
  const { pingSocket, netRaw, netAdmin, bindToDevice } = abilities;
  const canPing = netRaw || (pingSocket.ipv4 && pingSocket.ipv6);
  return [
    note(
      "privilege",
      "user",
      abilities.isRoot ? "root" : `user ${uid}`,
      "neither watching nor measuring needs to be root",
    ),
    canPing
      ? good("privilege", "ICMP", netRaw ? "raw sockets (CAP_NET_RAW)" : "ping sockets")
      : lack(
          "privilege",
          "ICMP",
          "neither ping sockets nor CAP_NET_RAW",
          "pulses are TCP handshakes, which cost three to four times as much; no path's MTU is found, no gateway asked",
          `sysctl net.ipv4.ping_group_range="0 2147483647" (IPv6 too), or CAP_NET_RAW for the service`,
        ),
    bindToDevice
      ? good("privilege", "sockets bound to one uplink", "allowed")
      : lack(
          "privilege",
          "sockets bound to one uplink",
          "the kernel refuses SO_BINDTOIFINDEX",
          "no uplink can be measured by itself, so all that have a way out stay unknown",
          "a kernel of version 5.7 or newer, or CAP_NET_RAW for the service",
        ),
    adminFinding(netAdmin, isToMove),
  ];
}

function adminFinding(isHeld: boolean, isToMove: boolean): Finding {
  const name = "CAP_NET_ADMIN";
  if (isHeld) return good("privilege", name, `held; moving traffic ${isToMove ? "needs" : "would need"} it`);
  const cost = isToMove
    ? "a node that is started like this moves no traffic, though backhaul.monitor_only is false"
    : "nothing while Ropewalk only watches; moving traffic (backhaul.monitor_only = false) needs it";
  return lack("privilege", name, "not held", cost, "root, or deploy/systemd/ropewalk-steering.conf for the service");
}
