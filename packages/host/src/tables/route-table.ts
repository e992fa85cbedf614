/**
 * The routes that the watch was asked to keep. Events say what changed, but not always which of several similar routes
 * it was; where that is in doubt the table makes its best guess and says so, and the caller reads all routes again.
 */
import { formatPrefix } from "@ropewalk/kernel/addresses";
import type { LinkFacts, NextHopFacts, RouteFacts } from "../facts.ts";
import { equalFacts } from "./equal-facts.ts";
import type { NextHopObject, ObservedRoute } from "./network-event.ts";
import { NextHopTable } from "./next-hop-table.ts";

interface Entry {
  readonly observed: ObservedRoute;
  readonly facts: RouteFacts;
}

export interface RouteOutcome {
  /** Kept routes that are new, different or gone. */
  readonly changed: readonly RouteFacts[];
  readonly isDoubtful: boolean;
}

const noWayOut: NextHopFacts = { ifindex: undefined, gateway: undefined, weight: 1, isDead: false };
const nothing: RouteOutcome = { changed: [], isDoubtful: false };

export class RouteTable {
  readonly #keepRoute: (route: RouteFacts) => boolean;
  readonly #linkOf: (ifindex: number) => LinkFacts | undefined;
  readonly #nextHops = new NextHopTable();
  /** Routes by what the kernel looks them up by; several can share it (IPv4 aliases, IPv6 routes of several devices). */
  #buckets = new Map<string, Entry[]>();
  readonly #staleLinks = new Set<number>();
  #snapshot: readonly RouteFacts[] | undefined = [];

  constructor(keepRoute: (route: RouteFacts) => boolean, linkOf: (ifindex: number) => LinkFacts | undefined) {
    this.#keepRoute = keepRoute;
    this.#linkOf = linkOf;
  }

  set(observed: ObservedRoute, isReplacement: boolean): RouteOutcome {
    const key = keyOf(observed);
    const bucket = this.#buckets.get(key) ?? [];
    const equal = bucket.findIndex((entry) => isSameRoute(entry.observed, observed));
    const replaced = equal >= 0 ? equal : replacedBy(observed, isReplacement, bucket);
    const facts = this.#resolve(observed);
    const old = bucket[replaced];
    const isKept = this.#keepRoute(facts);
    if (old === undefined && !isKept) return nothing;
    const rest = bucket.filter((entry) => entry !== old);
    this.#put(key, isKept ? [...rest, { observed, facts }] : rest);
    // A replacement hits the first of several like routes, and one that is not kept may have been that first.
    const isDoubtful = (isReplacement && bucket.length > 0) || (old !== undefined && equal < 0);
    if (isKept && old !== undefined && equalFacts(old.facts, facts)) return { changed: [], isDoubtful };
    return { changed: [...(old ? [old.facts] : []), ...(isKept ? [facts] : [])], isDoubtful };
  }

  remove(observed: ObservedRoute): RouteOutcome {
    const key = keyOf(observed);
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return nothing;
    const gone = bucket.find((entry) => isSameRoute(entry.observed, observed));
    // IPv6 tells of one nexthop taken from a multipath route as of a route of its own.
    if (gone === undefined) return { changed: [], isDoubtful: true };
    this.#put(
      key,
      bucket.filter((entry) => entry !== gone),
    );
    return { changed: [gone.facts], isDoubtful: false };
  }

  setNextHop(nextHop: NextHopObject): void {
    this.#nextHops.set(nextHop);
  }

  removeNextHop(id: number): void {
    this.#nextHops.remove(id);
  }

  /** The link changed: whether nexthops by it are dead is found anew with the next snapshot. */
  linkChanged(ifindex: number): void {
    this.#staleLinks.add(ifindex);
  }

  removeOf(ifindex: number): void {
    for (const [key, bucket] of this.#buckets) {
      const rest = bucket.filter((entry) => !entry.facts.nextHops.every((hop) => hop.ifindex === ifindex));
      if (rest.length !== bucket.length) this.#put(key, rest);
    }
  }

  snapshot(): readonly RouteFacts[] {
    this.#refresh();
    this.#snapshot ??= [...this.#buckets.values()].flatMap((bucket) => bucket.map((entry) => entry.facts));
    return this.#snapshot;
  }

  /** Takes over the other table's routes and nexthop objects; gives the routes that differ. */
  adopt(other: RouteTable): readonly RouteFacts[] {
    this.#nextHops.adopt(other.#nextHops);
    const changed: RouteFacts[] = [];
    const adopted = new Map<string, Entry[]>();
    for (const [key, bucket] of other.#buckets) {
      const left = [...(this.#buckets.get(key) ?? [])];
      const entries = bucket.map(({ observed }) => {
        const facts = this.#resolve(observed);
        const same = left.findIndex((entry) => equalFacts(entry.facts, facts));
        if (same < 0) changed.push(facts);
        // The old object is kept where nothing changed, so that readers may compare by identity.
        return { observed, facts: same < 0 ? facts : (left.splice(same, 1)[0]?.facts ?? facts) };
      });
      changed.push(...left.map((entry) => entry.facts));
      adopted.set(key, entries);
    }
    for (const [key, bucket] of this.#buckets) {
      if (!adopted.has(key)) changed.push(...bucket.map((entry) => entry.facts));
    }
    this.#buckets = adopted;
    this.#snapshot = undefined;
    return changed;
  }

  #put(key: string, bucket: Entry[]): void {
    if (bucket.length === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, bucket);
    this.#snapshot = undefined;
  }

  #refresh(): void {
    if (this.#staleLinks.size === 0) return;
    for (const [key, bucket] of this.#buckets) {
      const isStale = bucket.some(({ facts }) => facts.nextHops.some((hop) => this.#staleLinks.has(hop.ifindex ?? 0)));
      if (!isStale) continue;
      const fresh = bucket.map(({ observed, facts }) => {
        const resolved = this.#resolve(observed);
        return { observed, facts: equalFacts(facts, resolved) ? facts : resolved };
      });
      this.#put(key, fresh);
    }
    this.#staleLinks.clear();
  }

  /** With `nexthop_compat_mode` off the kernel leaves the ways out to be found through the nexthop object. */
  #resolve({ facts }: ObservedRoute): RouteFacts {
    const resolved = facts.nextHops.length > 0 ? facts.nextHops : this.#nextHops.resolve(facts.nextHopId);
    const nextHops = resolved.length > 0 ? resolved : [noWayOut];
    return { ...facts, nextHops: nextHops.map((hop) => ({ ...hop, isDead: this.#isDead(facts.type, hop) })) };
  }

  /**
   * The kernel sets RTNH_F_DEAD and RTNH_F_LINKDOWN by the link's state alone and tells nobody: so the link is asked, and
   * the flags count only where the link is not known, and for the machine's own addresses (local, anycast), which are
   * reached whatever the link does. Source: fib_sync_down_dev (net/ipv4/fib_semantics.c), fib6_ifdown (net/ipv6/route.c).
   */
  #isDead(type: RouteFacts["type"], hop: NextHopFacts): boolean {
    const link = hop.ifindex === undefined ? undefined : this.#linkOf(hop.ifindex);
    if (link === undefined || type === "local" || type === "other") return hop.isDead;
    return !(link.isEnabled && link.hasCarrier);
  }
}

/** Source: fib_find_alias (net/ipv4/fib_trie.c), fib6_add_rt2node (net/ipv6/ip6_fib.c). */
function keyOf({ facts, tos, source }: ObservedRoute): string {
  const from = source === undefined ? "" : formatPrefix(source);
  return `${facts.family} ${facts.table} ${formatPrefix(facts.destination)} ${tos} ${facts.metric} ${from}`;
}

function isSameRoute(a: ObservedRoute, b: ObservedRoute): boolean {
  const { nextHops: hopsOfA, ...restOfA } = a.facts;
  const { nextHops: hopsOfB, ...restOfB } = b.facts;
  if (!equalFacts(restOfA, restOfB)) return false;
  return hopsOfA.length === hopsOfB.length && hopsOfA.every((hop, index) => isSameHop(hop, hopsOfB[index]));
}

function isSameHop(a: NextHopFacts, b: NextHopFacts | undefined): boolean {
  return a.ifindex === b?.ifindex && a.gateway === b?.gateway && a.weight === b?.weight;
}

/** The entry that a route unlike all of them takes the place of; -1 for none. */
function replacedBy({ facts }: ObservedRoute, isReplacement: boolean, bucket: readonly Entry[]): number {
  if (isReplacement && bucket.length > 0) return 0;
  if (facts.family === "ipv4") return -1;
  // An IPv6 route that gains a nexthop is told as the whole multipath route, without NLM_F_REPLACE.
  return bucket.findIndex(({ observed }) =>
    observed.facts.nextHops.every((old) =>
      facts.nextHops.some((hop) => hop.ifindex === old.ifindex && hop.gateway === old.gateway),
    ),
  );
}
