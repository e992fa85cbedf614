/** What other programs say of an uplink's resolvers, by chance. */
import type { ResolverFacts } from "@ropewalk/backhaul/pure/resolver-facts";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { pick, type Random } from "./random.ts";

const servers = [ipAddress("192.0.2.53"), ipAddress("2001:db8::53")];

export function randomResolvers(random: Random): ResolverFacts {
  return {
    networkManager: pick<ResolverFacts["networkManager"]>(random, [
      { kind: "absent", reason: "no bus" },
      { kind: "pending" },
      { kind: "managed", servers, metered: pick(random, [true, false, undefined]), isMeteredGuess: false },
    ]),
    networkd: { kind: "absent" },
    lease: pick<ResolverFacts["lease"]>(random, [
      { kind: "none", unreadable: [] },
      {
        kind: "lease",
        program: "dhclient",
        address: undefined,
        servers,
        routers: servers.slice(0, 1),
        expiresAt: undefined,
        isAndroidMetered: random(2) === 0,
        file: "/var/lib/dhcp/dhclient.leases",
      },
      {
        kind: "lease",
        program: "udhcpc",
        address: undefined,
        servers,
        routers: [],
        wayOut: { gateway: pick(random, [ipAddress("192.0.2.1"), undefined]) },
        expiresAt: undefined,
        isAndroidMetered: false,
        file: "/var/lib/ropewalk/leases/eth2.lease",
      },
    ]),
    resolvConf: { kind: "present", servers, isLoopback: random(2) === 0, file: "/etc/resolv.conf" },
  };
}
