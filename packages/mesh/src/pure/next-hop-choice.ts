/**
 * By which of a route's next hops a packet goes on. Only by one that is nearer than this node, or by a detour that the packet pays for: so
 * it comes to no node twice with as many sidesteps left. Among those, by what neighbours delivered, cost and carry.
 */
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import type { Deliveries } from "./deliveries.ts";
import type { LinkId } from "./link.ts";
import type { Neighbour } from "./neighbour.ts";
import { chooseNextHop, keptNextHops, type RatedNextHop } from "./next-hop.ts";
import { mostNextHops, type NextHop, type Route } from "./routing/route.ts";
import { transportClass } from "./transport-class.ts";

export interface Going {
  /** The link that brought it, which it does not go back by; undefined: it is this node's own. */
  readonly from: LinkId | undefined;
  readonly sidestepsLeft: number;
  /** Of the whole frame. */
  readonly length: Bytes;
}

interface Candidate extends RatedNextHop {
  readonly of: NextHop;
}

export class NextHopChoice {
  readonly #neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly #deliveries: Deliveries;

  constructor(neighbours: ReadonlyMap<LinkId, Neighbour>, deliveries: Deliveries) {
    this.#neighbours = neighbours;
    this.#deliveries = deliveries;
  }

  /** Undefined where there is none, or only by more sidesteps than it has left. */
  choose(now: Millis, route: Route, going: Going): NextHop | undefined {
    const [nearer, others] = this.#ways(now, route, going);
    const chosen = chooseNextHop(nearer, route.inUse, now);
    if (chosen !== undefined && chosen.bypassedUntil <= now) {
      route.inUse = chosen.link;
      return chosen.of;
    }
    const detour = going.sidestepsLeft > 0 ? chooseNextHop(others, undefined, now) : undefined;
    return detour !== undefined && detour.bypassedUntil <= now ? detour.of : chosen?.of;
  }

  /**
   * Which next hop of a route that has as many as are kept gives way to one more; that one itself: none does. The only one without a loop
   * never does.
   */
  leastWorth(now: Millis, route: Route, newcomer: NextHop): NextHop {
    const candidates: Candidate[] = [];
    for (const hop of [...route.nextHops, newcomer]) {
      const candidate = this.#rated(now, route, hop, undefined);
      if (candidate === undefined) return hop;
      candidates.push(candidate);
    }
    const kept = keptNextHops(candidates, mostNextHops, now);
    const least = candidates.find((candidate) => !kept.includes(candidate))?.of ?? newcomer;
    return least === route.best && !route.isFeasible(newcomer) ? newcomer : least;
  }

  #ways(now: Millis, route: Route, { from, length }: Going): readonly [Candidate[], Candidate[]] {
    const [nearer, others]: [Candidate[], Candidate[]] = [[], []];
    for (const hop of route.nextHops) {
      const candidate = hop.link === from ? undefined : this.#rated(now, route, hop, from);
      if (candidate === undefined || length > (this.#neighbours.get(hop.link)?.facts.mtu ?? 0)) continue;
      (route.isFeasible(hop) ? nearer : others).push(candidate);
    }
    return [nearer, others];
  }

  /** Undefined where the link is gone. */
  #rated(now: Millis, { address: to }: Route, hop: NextHop, from: LinkId | undefined): Candidate | undefined {
    const facts = this.#neighbours.get(hop.link)?.facts;
    if (facts === undefined) return undefined;
    const passage = { to, by: hop.link, from };
    return {
      of: hop,
      link: hop.link,
      peer: facts.peer,
      hops: hop.hops + 1,
      score: this.#deliveries.share(now, passage),
      bypassedUntil: this.#deliveries.bypassedUntil(passage),
      cost: facts.cost,
      class: transportClass(facts),
    };
  }
}
