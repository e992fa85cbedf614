/**
 * Which of the kernel's settings a plan needs: that it passes over routes whose interface has no carrier, with Ropewalk dead too,
 * takes replies which come by another uplink than the one in use, gives an uplink's packets its own addresses, and, where traffic
 * is shared, tells flows apart by their ports.
 */
import type { DeadRouteFacts, ReversePathFilter } from "@ropewalk/host/facts";
import { type Setting, settingPath, type WantedSetting } from "@ropewalk/host/settings";
import { type Family, families } from "@ropewalk/kernel/addresses";

export interface SettingFacts {
  readonly deadRoutes: Readonly<Record<Family, DeadRouteFacts>>;
  readonly reversePathFilters: ReadonlyMap<number, ReversePathFilter>;
}

export interface PlannedLink {
  readonly ifindex: number;
  readonly name: string;
  /** Those of which it has a way out. */
  readonly families: ReadonlySet<Family>;
}

/**
 * `shared` are the families whose ordinary traffic has several ways. `changed` are those that are so because we made them: they stay wanted, though nothing is wrong with them any more. */
export function planSettings(
  links: readonly PlannedLink[],
  shared: ReadonlySet<Family>,
  facts: SettingFacts,
  changed: readonly Setting[],
): readonly WantedSetting[] {
  const made = new Set(changed.map(settingPath));
  const isOurs = (setting: Setting) => made.has(settingPath(setting));
  return [
    ...links.flatMap((link) => [
      ...families
        .filter((family) => link.families.has(family))
        .flatMap((family) => skipping(link, family, facts.deadRoutes[family], isOurs)),
      ...(link.families.has("ipv6") ? [ownSources(link)] : []),
      ...(link.families.has("ipv4") ? loosening(link, facts.reversePathFilters.get(link.ifindex), isOurs) : []),
    ]),
    ...families.filter((family) => shared.has(family)).map(hashingPorts),
  ];
}

/** Layer 4: with addresses alone, all that goes to one server would go one way. */
function hashingPorts(family: Family): WantedSetting {
  return { kind: "host", family, name: "fib_multipath_hash_policy", value: 1 };
}

function skipping(
  { ifindex, name: interfaceName }: PlannedLink,
  family: Family,
  { areSkippedEverywhere, skippedOn }: DeadRouteFacts,
  isOurs: (setting: Setting) => boolean,
): readonly WantedSetting[] {
  const setting = { kind: "interface", family, interfaceName, name: "ignore_routes_with_linkdown" } as const;
  const isSo = areSkippedEverywhere || skippedOn.has(ifindex);
  return isSo && !isOurs(setting) ? [] : [{ ...setting, value: 1 }];
}

/**
 * The kernel would give packets to neighbours of a dead uplink, its router among them, the address of another uplink as their
 * source, rather than a deprecated one (RFC 6724 §5: rule 3 goes before rule 5). With this it chooses among the uplink's own.
 */
function ownSources({ name: interfaceName }: PlannedLink): WantedSetting {
  return { kind: "interface", family: "ipv6", interfaceName, name: "use_oif_addrs_only", value: 1 };
}

/** Loose is stricter than off: what is off stays off. */
function loosening(
  { name: interfaceName }: PlannedLink,
  filter: ReversePathFilter | undefined,
  isOurs: (setting: Setting) => boolean,
): readonly WantedSetting[] {
  const setting = { kind: "interface", family: "ipv4", interfaceName, name: "rp_filter" } as const;
  return filter === "strict" || isOurs(setting) ? [{ ...setting, value: 2 }] : [];
}
