/**
 * How packets go on: by the label that says for whom they are, to a neighbour that is nearer, and where none is left to one that is not,
 * a few times at most; and how answers go back.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { Flow, Flows } from "./flows.ts";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { MeshTally } from "./mesh-tally.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { mostHops } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import type { AnswerFrame, PacketFrame, TraceFrame } from "./wire/link-frame.ts";

/** Detours that a packet may take on its way. */
const sidesteps = 2;

export interface ForwardingDeps {
  readonly routes: Routes;
  readonly flows: Flows;
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
    const { routes, tally } = this.#deps;
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
    tally.packetsPassed += 1;
    const flow = from.flow === 0 ? 0 : this.#deps.flows.add({ from, to: route.address, by: hop.link, at: now });
    this.#on(route, hop, { ...frame, flow, hopsLeft: frame.hopsLeft - 1 });
    return undefined;
  }

  /** This node's own. Returns whether it went. */
  send(now: Millis, route: Route, type: "packet" | "trace", body: Uint8Array): boolean {
    route.usedAt = now;
    const hop = nextHop(now, route, undefined, sidesteps);
    if (hop === undefined) return false;
    const flow = this.#deps.flows.add({ from: undefined, to: route.address, by: hop.link, at: now });
    const forwarded = { label: hop.label, flow, hopsLeft: mostHops, sidestepsLeft: sidesteps, body };
    this.#on(route, hop, type === "packet" ? { type, ...forwarded } : { type, ...forwarded, addresses: [] });
    return true;
  }

  /** What was not answered in time: the neighbours that did not bring it are left aside for a while. */
  expire(now: Millis): readonly Flow[] {
    const lost = this.#deps.flows.expire(now);
    for (const { to, by } of lost) this.#deps.routes.get(to)?.lost(now, by);
    return lost;
  }

  /** Back to who asked, whoever that is. */
  answer({ link, flow }: AnswerWay, body: Uint8Array): void {
    if (flow === 0) return;
    this.#deps.emit({ kind: "transmit", link, frame: encodeFrame({ type: "answer", flow, body }) });
  }

  /** An answer, on to who asked. Undefined: it was passed on, or dropped and counted. */
  back(link: LinkId, { flow: number, body }: AnswerFrame): Arrival | undefined {
    const { flows, routes } = this.#deps;
    const flow = flows.answer(link, number);
    if (flow === undefined) return this.#drop("label");
    if (flow.from === undefined) return { kind: "answer", flow, body };
    // Whether it is a true answer only who asked can tell; a neighbour that makes answers up is found out there.
    routes.get(flow.to)?.delivered(link);
    this.answer(flow.from, body);
    return undefined;
  }

  #on(route: Route, hop: NextHop, frame: PacketFrame | TraceFrame): void {
    const { address, emit } = this.#deps;
    const sidestepsLeft = frame.sidestepsLeft - (route.isFeasible(hop) ? 0 : 1);
    const on = { label: hop.label, sidestepsLeft };
    if (frame.type === "packet") emit({ kind: "transmit", link: hop.link, frame: encodeFrame({ ...frame, ...on }) });
    else {
      const addresses = frame.hopsLeft === mostHops ? [] : [...frame.addresses, address].slice(0, mostHops);
      emit({ kind: "transmit", link: hop.link, frame: encodeFrame({ ...frame, ...on, addresses }) });
    }
  }

  #unknown(now: Millis, link: LinkId, label: number): undefined {
    const neighbour = this.#deps.neighbours.get(link);
    if (neighbour !== undefined) this.#deps.advertising.withdrawFrom(now, neighbour, label);
    return this.#drop("label");
  }

  #drop(why: "label" | "hops" | "no-route"): undefined {
    this.#deps.tally.dropped(why);
    return undefined;
  }
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
