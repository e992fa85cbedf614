/**
 * Whom this machine should ask for names while an uplink is in use: an uplink's servers are asked only while their packets leave
 * by it. Who belongs to one uplink alone can be bound to it, so that nobody's question strays.
 */
import type { AddressFacts } from "@ropewalk/host/facts";
import {
  familyOf,
  type IpAddress,
  isLinkLocal,
  isLoopback,
  networkOf,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Decision, DecisionScope, ResolverStatus, UplinkStatus } from "../status.ts";
import { isPublicResolver } from "./public-resolvers.ts";

/** What a plan needs to know of an uplink. */
export interface ResolvingUplink extends Pick<UplinkStatus, "id" | "name" | "ifindex" | "resolvers"> {
  readonly ipv4: Pick<UplinkStatus["ipv4"], "gateway">;
  readonly ipv6: Pick<UplinkStatus["ipv6"], "gateway">;
}

export interface ResolverLink {
  readonly ifindex: number;
  readonly name: string;
}

export interface AskedLink extends ResolverLink {
  /** In the order in which they should be asked; never empty. */
  readonly servers: readonly IpAddress[];
  readonly source: ResolverStatus["source"];
}

export type ResolverPlan =
  | {
      readonly kind: "ask";
      /** First the uplink that was decided for overall. */
      readonly links: readonly AskedLink[];
      /** Uplinks of which nobody is to be asked. */
      readonly others: readonly ResolverLink[];
    }
  /** Of the uplinks in use nobody knows a server: whoever is asked now stays, unless he is known to be another uplink's. */
  | { readonly kind: "unknown"; readonly elsewhere: readonly IpAddress[]; readonly reason: string };

type Decisions = Readonly<Record<DecisionScope, Pick<Decision, "uplinkId">>>;

/** Servers of a family belong to the uplink that was decided for in that family; `overall` only sets the order. */
export function planResolvers(uplinks: readonly ResolvingUplink[], decisions: Decisions): ResolverPlan {
  const askedOf = (uplink: ResolvingUplink) =>
    ownServers(uplink).filter((server) => decisions[familyOf(server)].uplinkId === uplink.id);
  const isLater = ({ id }: ResolvingUplink) => Number(id !== decisions.overall.uplinkId);
  const links = uplinks
    .toSorted((a, b) => isLater(a) - isLater(b))
    .map((uplink) => ({ ...linkOf(uplink), servers: askedOf(uplink), source: uplink.resolvers.source }));
  const asked = links.filter(({ servers }) => servers.length > 0);
  const others = links.filter(({ servers }) => servers.length === 0).map(linkOf);
  if (asked.length > 0) return { kind: "ask", links: asked, others };
  const elsewhere = [...new Set(uplinks.flatMap(ownServers))];
  return { kind: "unknown", elsewhere, reason: whyUnknown(uplinks, decisions) };
}

function linkOf({ ifindex, name }: ResolverLink): ResolverLink {
  return { ifindex, name };
}

/** What resolv.conf says of the whole machine is no uplink's own. */
function ownServers({ resolvers }: { readonly resolvers: ResolverStatus }): readonly IpAddress[] {
  return resolvers.source === "resolv.conf" ? [] : resolvers.servers;
}

function whyUnknown(uplinks: readonly ResolvingUplink[], decisions: Decisions): string {
  const chosen = new Set(Object.values(decisions).map(({ uplinkId }) => uplinkId));
  const inUse = uplinks.filter(({ id }) => chosen.has(id));
  if (inUse.length === 0) return "no uplink is in use";
  return inUse.map(({ name, resolvers }) => `${name}: ${resolvers.detail}`).join("; ");
}

/** Of one uplink, the servers to which packets should leave by it, whatever uplink is in use. */
export interface ResolverPin extends ResolverLink {
  readonly uplinkId: UplinkId;
  readonly servers: readonly IpAddress[];
}

/**
 * The servers that belong to one uplink alone: not known of two, not within a network of this machine's other interfaces, nobody's
 * gateway on another uplink, not a public one that answers on every way. `addresses` are all of the machine's. Uplinks without any are left out.
 */
export function resolverPins(
  uplinks: readonly ResolvingUplink[],
  addresses: readonly AddressFacts[],
): readonly ResolverPin[] {
  const beside = addresses.filter(({ ifindex }) => uplinks.every((uplink) => uplink.ifindex !== ifindex));
  const isElsewhere = (server: IpAddress) =>
    isLoopback(server) ||
    isLinkLocal(server) ||
    isPublicResolver(server) ||
    beside.some(({ address, prefixLength }) => prefixContains(networkOf({ address, length: prefixLength }), server));
  return uplinks.flatMap((uplink) => {
    const others = uplinks.filter(({ id }) => id !== uplink.id);
    const isShared = (server: IpAddress) =>
      others.some((other) => ownServers(other).includes(server) || other[familyOf(server)].gateway === server);
    const servers = ownServers(uplink).filter((server) => !isElsewhere(server) && !isShared(server));
    const { id: uplinkId, ifindex, name } = uplink;
    return servers.length === 0 ? [] : [{ uplinkId, ifindex, name, servers: [...new Set(servers)] }];
  });
}
