/** The hands that change the real kernel of this machine. */
import type { LinkDnsOutcome } from "@ropewalk/backhaul/io/resolved-link-dns";
import { createResolverFollower } from "@ropewalk/backhaul/io/resolver-follower";
import type { Hands } from "@ropewalk/backhaul/steering/hands";
import { firewallTable, uplinkMarkMask } from "@ropewalk/host/allocations";
import type { LeaseOutcome } from "@ropewalk/host/leases";
import { createAddressLifetimes } from "@ropewalk/host/linux/address-lifetimes";
import { isFirewallObjectThere } from "@ropewalk/host/linux/firewall-objects";
import { watchFirewall } from "@ropewalk/host/linux/firewall-watch";
import { createFlowMarks } from "@ropewalk/host/linux/flow-marks";
import { isForwarding } from "@ropewalk/host/linux/forwarding";
import { createLeaseClients } from "@ropewalk/host/linux/lease-clients";
import type { Native } from "@ropewalk/host/linux/native";
import { createNftProgram } from "@ropewalk/host/linux/nft-program";
import { createRoutingWriter } from "@ropewalk/host/linux/routing-writer";
import { watchRules } from "@ropewalk/host/linux/rule-watch";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { destroyStranded, type IsSpared } from "@ropewalk/host/linux/stranded-sockets";
import { deleteUplinkFlows, flushUplinkFlows } from "@ropewalk/host/linux/uplink-flows";
import type { NetworkWatch } from "@ropewalk/host/ports";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Store } from "@ropewalk/ops/store";
import { ownerOf } from "./link-owners.ts";

export interface HandsDeps {
  readonly native: Native;
  readonly clock: Clock;
  /** Undefined when how names were could not be kept. */
  readonly names: NameDeps | undefined;
  /** Undefined when leases could not be kept. */
  readonly leases: LeaseDeps | undefined;
}

interface LeaseDeps {
  readonly folder: string;
  readonly network: Pick<NetworkWatch, "facts">;
  readonly onOutcome: (outcome: LeaseOutcome) => void;
}

interface NameDeps {
  readonly store: Pick<Store, "all" | "run">;
  readonly busAddress: string;
  readonly onOutcome: (outcome: LinkDnsOutcome) => void;
  /** backhaul.dns.follow */
  readonly isFollowing: boolean;
}

export const resolvConf = "/etc/resolv.conf";

/** Throws HOST_NETLINK when the kernel gives no sockets. The caller disposes. */
export function openHands({ native, clock, names, leases: leaseDeps }: HandsDeps): Hands {
  const run = createNftProgram(clock);
  const marks = createFlowMarks({
    run,
    isThere: (object) => isFirewallObjectThere(native, object),
    watch: (onChange) => watchFirewall(native, firewallTable, onChange),
    clock,
  });
  using opening = new DisposableStack();
  const writer = opening.use(createRoutingWriter(native));
  const rules = opening.use(watchRules(native));
  const lifetimes = opening.use(createAddressLifetimes(native));
  const resolvers =
    names === undefined
      ? undefined
      : createResolverFollower(
          { file: resolvConf, busAddress: names.busAddress },
          { ...names, clock, chance: Math.random },
        );
  const leases = leaseDeps && openLeases(native, clock, leaseDeps);
  const owned = opening.move();
  return {
    writer,
    rules,
    settings: createSettingFiles(),
    lifetimes,
    leases,
    marks,
    isForwarding,
    resolvers,
    areNamesFollowing: names?.isFollowing ?? false,
    endSockets: ({ addresses }) => destroyStranded(native, addresses, isBoundOnPurpose),
    flushFlows: (traffics) => flushUplinkFlows(native, traffics),
    endFlows: (traffics) => deleteUplinkFlows(native, traffics),
    async [Symbol.asyncDispose]() {
      await leases?.[Symbol.asyncDispose]();
      owned[Symbol.dispose]();
      await marks[Symbol.asyncDispose]();
      await resolvers?.[Symbol.asyncDispose]();
    },
  };
}

function openLeases(native: Native, clock: Clock, { folder, network, onOutcome }: LeaseDeps) {
  return createLeaseClients(folder, {
    ...{ native, clock, onOutcome, chance: Math.random },
    facts: () => network.facts,
    ownerOf: (link) => ownerOf(link, "/"),
  });
}

/** Whose program chose the uplink: it wants that one or none, and our own probes must see it come back. */
const isBoundOnPurpose: IsSpared = ({ mark, boundTo }) => (mark & uplinkMarkMask) !== 0 || boundTo !== 0;
