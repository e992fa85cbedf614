/**
 * How packets go on: by the label that says for whom they are, to a neighbour that is nearer, and where none is left to one that is not,
 * a few times at most; and how answers go back. Source: docs/protocols/mesh-link.md, "Packets, flows and answers".
 */
import { type Bytes, bytes, type Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Flow, Flows } from "./flows.ts";
import type { LinkId } from "./link.ts";
import { addressLength, type MeshAddress } from "./mesh-address.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { MeshTally, PacketDrop } from "./mesh-tally.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NextHopChoice } from "./next-hop-choice.ts";
import type { Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { mostHops } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import { type AnswerFrame, frameLengths, type PacketFrame, type TraceFrame } from "./wire/link-frame.ts";

/** Detours that a packet may take on its way. */
const sidesteps = 2;

export interface ForwardingDeps {
  readonly routes: Routes;
  readonly flows: Flows;
  readonly deliveries: Deliveries;
  readonly choice: NextHopChoice;
  readonly advertising: Advertising;
  readonly tally: MeshTally;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly address: MeshAddress;
  readonly emit: (output: MeshOutput) => void;
}

/** What came for this node itself. */
export type Arrival =
  | {
      readonly kind: "question";
      readonly from: AnswerWay;
      readonly path: readonly MeshAddress[];
      readonly body: Uint8Array;
    }
  | { readonly kind: "answer"; readonly flow: Flow; readonly body: Uint8Array };

/** The link that brought a question, and its number there; 0: no answer can go back. */
export interface AnswerWay {
  readonly link: LinkId;
  readonly flow: number;
}

export class Forwarding {
  readonly #deps: ForwardingDeps;

  constructor(deps: ForwardingDeps) {
    this.#deps = deps;
  }

  /** Undefined: it was passed on, or dropped and counted. */
  pass(now: Millis, link: LinkId, frame: PacketFrame | TraceFrame): Arrival | undefined {
    const { routes, tally, address } = this.#deps;
    const from: AnswerWay = { link, flow: frame.flow };
    const route = routes.find(frame.label);
    if (route === "here") {
      tally.packetsArrived += 1;
      return { kind: "question", from, path: frame.type === "trace" ? frame.addresses : [], body: frame.body };
    }
    if (route === undefined) return this.#unknown(now, link, frame.label);
    if (frame.hopsLeft === 0) return this.#drop("hops");
    const hop = nextHop(now, route, link, frame.sidestepsLeft);
    if (hop === undefined) return this.#drop("no-route");
    if (!this.#fits(hop.link, lengthOnward(frame))) return this.#drop("too-long");
    tally.packetsPassed += 1;
    return undefined;
  }

  /** This node's own. Returns whether it went. */
  send(now: Millis, route: Route, type: "packet" | "trace", body: Uint8Array): boolean {
    route.usedAt = now;
    const hop = nextHop(now, route, undefined, sidesteps);
    if (hop === undefined || !this.#fits(hop.link, frameLengths[type] + body.length)) return false;
    const flow = this.#deps.flows.add({ from: undefined, to: route.address, by: hop.link, at: now });
    const forwarded = { label: hop.label, flow, hopsLeft: mostHops, sidestepsLeft: sidesteps, body };
    this.#on(route, hop, type === "packet" ? { type, ...forwarded } : { type, ...forwarded, addresses: [] });
    return true;
  }

  /** What was not answered in time: the neighbours that did not bring it are left aside for a while. */
  expire(now: Millis): readonly Flow[] {
    const { flows, deliveries } = this.#deps;
    const lost = flows.expire(now);
    for (const { to, by, from } of lost) deliveries.lost(now, { to, by, from: from?.link });
    return lost;
  }

  /** Back to who asked, whoever that is. */
  answer({ link, flow }: AnswerWay, body: Uint8Array): void {
    if (flow === 0) return;
    if (!this.#fits(link, frameLengths.answer + body.length)) this.#drop("too-long");
    else this.#deps.emit({ kind: "transmit", link, frame: encodeFrame({ type: "answer", flow, body }) });
  }

  /** An answer, on to who asked. Undefined: it was passed on, or dropped and counted. */
  back(now: Millis, link: LinkId, { flow: number, body }: AnswerFrame): Arrival | undefined {
    const { flows, deliveries } = this.#deps;
    const flow = flows.answer(link, number);
    if (flow === undefined) return this.#drop("flow");
    if (flow.from === undefined) return { kind: "answer", flow, body };
    // Whether it is a true answer only who asked can tell; a neighbour that makes answers up is found out there.
    deliveries.delivered(now, { to: flow.to, by: link, from: flow.from.link });
    this.answer(flow.from, body);
    return undefined;
  }

  /** To the next hop, under its label; returns why not. `from`: whose question it is; undefined: this node's own. */
  #go(now: Millis, route: Route, from: AnswerWay | undefined, frame: PacketFrame | TraceFrame): PacketDrop | undefined {
    const { choice, flows, emit } = this.#deps;
    const { sidestepsLeft } = frame;
    const hop = choice.choose(now, route, { from: from?.link, sidestepsLeft, length: lengthOf(frame) });
    if (hop === undefined) return "no-route";
    const flow = from?.flow === 0 ? 0 : flows.add({ from, to: route.address, by: hop.link, at: now });
    const onward = {
      label: hop.label,
      sidestepsLeft: sidestepsLeft - (route.isFeasible(hop) ? 0 : 1),
      flow,
    };
    emit({ kind: "transmit", link: hop.link, frame: encodeFrame({ ...frame, ...onward }) });
    return undefined;
  }

  /** Links differ in the longest frame that they carry, and nothing on the way takes packets apart. */
  #fits(link: LinkId, length: number): boolean {
    const neighbour = this.#deps.neighbours.get(link);
    return neighbour === undefined || length <= neighbour.facts.mtu;
  }

  #unknown(now: Millis, link: LinkId, label: number): undefined {
    const neighbour = this.#deps.neighbours.get(link);
    if (neighbour !== undefined) this.#deps.advertising.withdrawFrom(now, neighbour, label);
    return this.#drop("label");
  }

  #drop(why: PacketDrop): undefined {
    this.#deps.tally.dropped(why);
    return undefined;
  }
}

/** In octets, as it goes on from here: a trace is longer by this node's address. */
function lengthOnward(frame: PacketFrame | TraceFrame): number {
  const named = frame.type === "packet" ? 0 : Math.min(frame.addresses.length + 1, mostHops);
  return frameLengths[frame.type] + named * addressLength + frame.body.length;
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
