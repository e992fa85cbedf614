/**
 * How packets go on: by the label that says for whom they are, to a neighbour that is nearer, and where none is left to one that is not,
 * a few times at most. And how questions for newer announces find those who can answer.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { MeshTally } from "./mesh-tally.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Known, Requests } from "./routing/requests.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { isNewer, mostHops } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import type { PacketFrame, RequestFrame, TraceFrame } from "./wire/link-frame.ts";

/** Detours that a packet may take on its way. */
const sidesteps = 2;

export interface ForwardingDeps {
  readonly routes: Routes;
  readonly advertising: Advertising;
  readonly requests: Requests;
  readonly tally: MeshTally;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly address: MeshAddress;
  readonly emit: (output: MeshOutput) => void;
}

export class Forwarding {
  readonly #deps: ForwardingDeps;

  constructor(deps: ForwardingDeps) {
    this.#deps = deps;
  }

  /** "here": it is for this node itself. */
  pass(now: Millis, from: LinkId, frame: PacketFrame | TraceFrame): "here" | "passed" | "dropped" {
    const { routes, tally, advertising, neighbours, address } = this.#deps;
    const route = routes.find(frame.label);
    if (route === "here") {
      tally.packetsArrived += 1;
      return "here";
    }
    const neighbour = neighbours.get(from);
    if (route === undefined) {
      tally.dropped("label");
      if (neighbour !== undefined) advertising.withdrawFrom(now, neighbour, frame.label);
      return "dropped";
    }
    if (frame.hopsLeft === 0) {
      tally.dropped("hops");
      return "dropped";
    }
    const hop = nextHop(now, route, from, frame.sidestepsLeft);
    if (hop === undefined) {
      tally.dropped("no-route");
      return "dropped";
    }
    tally.packetsPassed += 1;
    const on = {
      ...{ label: hop.label, hopsLeft: frame.hopsLeft - 1, body: frame.body },
      sidestepsLeft: frame.sidestepsLeft - (route.isFeasible(hop) ? 0 : 1),
    };
    if (frame.type === "packet") this.#transmit(hop.link, encodeFrame({ type: "packet", ...on }));
    else if (frame.addresses.length < mostHops)
      this.#transmit(hop.link, encodeFrame({ type: "trace", ...on, addresses: [...frame.addresses, address] }));
    return "passed";
  }

  /** This node's own. Returns by which neighbour it went; undefined: by none. */
  send(now: Millis, route: Route, type: "packet" | "trace", body: Uint8Array): LinkId | undefined {
    route.usedAt = now;
    const hop = nextHop(now, route, undefined, sidesteps);
    if (hop === undefined) return undefined;
    const forwarded = {
      ...{ label: hop.label, hopsLeft: mostHops, body },
      sidestepsLeft: sidesteps - (route.isFeasible(hop) ? 0 : 1),
    };
    const frame =
      type === "packet" ? ({ type, ...forwarded } as const) : ({ type, ...forwarded, addresses: [] } as const);
    this.#transmit(hop.link, encodeFrame(frame));
    return hop.link;
  }

  /** This node wants a newer announce. */
  ask(now: Millis, address: MeshAddress, known: Known): void {
    const { routes, requests } = this.#deps;
    if (routes.get(address)?.best !== undefined) {
      requests.settle(address);
      return;
    }
    requests.isNew(now, address, known);
    this.#flood(undefined, { type: "request", address, ...freshness(known), hopsLeft: mostHops });
  }

  /** Another wants one: who has it tells it, and who has a way to its origin passes the question on there; else everybody is asked. */
  asked(now: Millis, neighbour: Neighbour, frame: RequestFrame): void {
    const { routes, requests, advertising } = this.#deps;
    const route = routes.get(frame.address);
    const best = route?.best;
    if (route !== undefined && best !== undefined && best.link !== neighbour.link && isNewer(route.announce, frame)) {
      advertising.tellOne(now, neighbour, route);
      return;
    }
    if (frame.hopsLeft === 0 || !requests.isNew(now, frame.address, frame)) return;
    const on: RequestFrame = { ...frame, hopsLeft: frame.hopsLeft - 1 };
    if (best !== undefined && best.link !== neighbour.link) this.#transmit(best.link, encodeFrame(on));
    else this.#flood(neighbour.link, on);
  }

  #flood(except: LinkId | undefined, frame: RequestFrame): void {
    const octets = encodeFrame(frame);
    for (const link of this.#deps.neighbours.keys()) if (link !== except) this.#transmit(link, octets);
  }

  #transmit(link: LinkId, frame: Uint8Array): void {
    this.#deps.emit({ kind: "transmit", link, frame });
  }
}

function freshness({ epoch, sequence }: Known): Known {
  return { epoch, sequence };
}

/** The nearest that has not lost what it was given; one that is not nearer than this node only as a detour. */
function nextHop(now: Millis, route: Route, from: LinkId | undefined, detours: number): NextHop | undefined {
  const open = route.nextHops.filter(({ link }) => link !== from && !route.isBypassed(now, link));
  const nearer = open.filter((hop) => route.isFeasible(hop));
  const among = nearer.length > 0 ? nearer : detours > 0 ? open : [];
  const chosen = among.reduce<NextHop | undefined>(
    (best, hop) => (best === undefined || hop.hops < best.hops ? hop : best),
    undefined,
  );
  return chosen ?? (route.best?.link === from ? undefined : route.best);
}
