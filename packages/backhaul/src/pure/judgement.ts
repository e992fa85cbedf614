/**
 * What one interface is at this moment: an uplink, one that is coming, one whose device must be read first, or none.
 * An interface becomes an uplink only once its device was read, so that an id, once told, never changes.
 */
import type { LinkFacts } from "@ropewalk/host/facts";
import type { DefaultRoute } from "./default-routes.ts";
import { settingsFor, type UplinkEntry } from "./entries.ts";
import { baseOf, identityBase, isSameInterface, placeOf } from "./identity.ts";
import { hasLeaseGateway } from "./resolvers.ts";
import { type Role, roleOf } from "./role.ts";
import type { BackhaulState, DeviceReading, RememberedUplink } from "./state.ts";
import type { Uplink } from "./uplink.ts";

export type Judgement =
  /** Not an uplink. `reading` is there when its device is of interest all the same. */
  | { readonly kind: "none"; readonly because: string; readonly reading: DeviceReading | undefined }
  | { readonly kind: "waiting"; readonly reading: DeviceReading }
  /** `earlier` is the uplink of an earlier run that it is. */
  | { readonly kind: "coming"; readonly reading: DeviceReading; readonly earlier: RememberedUplink | undefined }
  | { readonly kind: "uplink"; readonly reading: DeviceReading; readonly uplink: Uplink };

export interface JudgementContext {
  readonly state: BackhaulState;
  readonly entries: readonly UplinkEntry[];
  readonly routes: ReadonlyMap<number, readonly DefaultRoute[]>;
  /** Of every interface there is. */
  readonly names: ReadonlySet<string>;
  /** An entry includes an uplink by its id, which only its device can tell. */
  readonly needsEveryDevice: boolean;
}

export function judge(link: LinkFacts, context: JudgementContext): Judgement {
  const { state } = context;
  const known = state.devices.get(link.ifindex);
  const before = known !== undefined && isSameInterface(known.askedFor, link) ? known : undefined;
  const holder = state.uplinks.get(link.ifindex);
  const prior = before !== undefined && holder !== undefined && isInPlace(holder, before) ? holder : undefined;
  const earlier = prior === undefined ? earlierUplink(link, before, context) : undefined;
  const role = roleIn(link, context, { before, prior, earlier });
  if (role.kind === "other") {
    const isWanted = context.needsEveryDevice || isHinted(state.remembered, link);
    return { kind: "none", because: role.because, reading: isWanted ? nextReading(before, link) : undefined };
  }
  const reading = nextReading(before, link);
  if (prior !== undefined) return { kind: "uplink", reading, uplink: prior.link === link ? prior : { ...prior, link } };
  return reading.kind === "asked" ? { kind: "waiting", reading } : { kind: "coming", reading, earlier };
}

interface Past {
  readonly before: DeviceReading | undefined;
  readonly prior: Uplink | undefined;
  readonly earlier: RememberedUplink | undefined;
}

function roleIn(link: LinkFacts, context: JudgementContext, { before, prior, earlier }: Past): Role {
  const { state, entries, routes } = context;
  return roleOf(link, {
    configured: settingsFor(entries, link, idsOf(link, prior, before)).role,
    hasDefaultRoute: routes.get(link.ifindex)?.some(({ origin }) => origin !== "ropewalk") ?? false,
    hasLeaseGateway: hasLeaseGateway(state.resolvers.get(link.ifindex), state.addresses.get(link.ifindex) ?? []),
    wasUplink: prior !== undefined || earlier !== undefined,
  });
}

function idsOf(link: LinkFacts, prior: Uplink | undefined, before: DeviceReading | undefined): readonly string[] {
  if (prior !== undefined) return [prior.id, baseOf(prior.id)];
  return before?.kind === "read" ? [identityBase(link, before.facts)] : [];
}

/** False when a newer reading found a device in another place behind the same interface number and name. */
function isInPlace(uplink: Uplink, reading: DeviceReading): boolean {
  const place = reading.facts === undefined ? undefined : placeOf(reading.facts);
  const base = baseOf(uplink.id);
  return place === undefined || /^(mac|name)-/.test(base) || identityBase(uplink.link, reading.facts) === base;
}

/** Asks for the device anew when the interface is new, was renamed or got another MAC address, and for its speed when a carrier came. */
function nextReading(before: DeviceReading | undefined, link: LinkFacts): DeviceReading {
  if (before === undefined) return { kind: "asked", askedFor: link, misses: 0, facts: undefined };
  const { askedFor } = before;
  const isNewCarrier = link.hasCarrier && !askedFor.hasCarrier;
  if (askedFor.name !== link.name || askedFor.mac !== link.mac || isNewCarrier) {
    return { ...before, kind: "asked", askedFor: link, misses: 0 };
  }
  return askedFor.hasCarrier === link.hasCarrier ? before : { ...before, askedFor: link };
}

/** Cheap evidence that the interface may be one of these: worth reading its device. */
export function isHinted(remembered: readonly RememberedUplink[], link: LinkFacts): boolean {
  return remembered.some(
    (uplink) =>
      uplink.interfaceName === link.name ||
      (uplink.mac !== undefined && (uplink.mac === link.permanentMac || uplink.mac === link.mac)),
  );
}

/** The uplink of an earlier run that this interface is: the one with its name, else one whose name nobody has now. */
function earlierUplink(
  link: LinkFacts,
  reading: DeviceReading | undefined,
  { state, names }: JudgementContext,
): RememberedUplink | undefined {
  if (state.remembered.length === 0 || reading?.kind !== "read") return undefined;
  const base = identityBase(link, reading.facts);
  const same = state.remembered.filter((uplink) => baseOf(uplink.id) === base);
  const isRenamed = ({ interfaceName }: RememberedUplink) => !names.has(interfaceName);
  return same.find((uplink) => uplink.interfaceName === link.name) ?? same.find(isRenamed);
}
