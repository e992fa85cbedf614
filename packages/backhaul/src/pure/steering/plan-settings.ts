/**
 * Which settings of the uplinks' interfaces a plan needs: that the kernel passes over routes whose interface has no carrier, with
 * Ropewalk dead too, that it takes replies which come by another uplink than the one in use, and that an uplink's packets bear its
 * own addresses.
 */
import type { DeadRouteFacts, ReversePathFilter } from "@ropewalk/host/facts";
import type { Setting, WantedSetting } from "@ropewalk/host/settings";
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

/** `changed` are those that are so because we made them: they stay wanted, though nothing is wrong with them any more. */
export function planSettings(
  links: readonly PlannedLink[],
  facts: SettingFacts,
  changed: readonly Setting[],
): readonly WantedSetting[] {
  const isOurs = (setting: Setting) =>
    changed.some(
      ({ family, interfaceName, name }) =>
        family === setting.family && interfaceName === setting.interfaceName && name === setting.name,
    );
  return links.flatMap((link) => [
    ...families
      .filter((family) => link.families.has(family))
      .flatMap((family) => skipping(link, family, facts.deadRoutes[family], isOurs)),
    ...(link.families.has("ipv6") ? [ownSources(link)] : []),
    ...(link.families.has("ipv4") ? loosening(link, facts.reversePathFilters.get(link.ifindex), isOurs) : []),
  ]);
}

function skipping(
  { ifindex, name: interfaceName }: PlannedLink,
  family: Family,
  { areSkippedEverywhere, skippedOn }: DeadRouteFacts,
  isOurs: (setting: Setting) => boolean,
): readonly WantedSetting[] {
  const setting = { family, interfaceName, name: "ignore_routes_with_linkdown" } as const;
  const isSo = areSkippedEverywhere || skippedOn.has(ifindex);
  return isSo && !isOurs(setting) ? [] : [{ ...setting, value: 1 }];
}

/**
 * The kernel would give packets to neighbours of a dead uplink, its router among them, the address of another uplink as their
 * source, rather than a deprecated one (RFC 6724 §5: rule 3 goes before rule 5). With this it chooses among the uplink's own.
 */
function ownSources({ name: interfaceName }: PlannedLink): WantedSetting {
  return { family: "ipv6", interfaceName, name: "use_oif_addrs_only", value: 1 };
}

/** Loose is stricter than off: what is off stays off. */
function loosening(
  { name: interfaceName }: PlannedLink,
  filter: ReversePathFilter | undefined,
  isOurs: (setting: Setting) => boolean,
): readonly WantedSetting[] {
  const setting = { family: "ipv4", interfaceName, name: "rp_filter" } as const;
  return filter === "strict" || isOurs(setting) ? [{ ...setting, value: 2 }] : [];
}
