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
    const passed = { ...frame, hopsLeft: frame.hopsLeft - 1 };
    const why = this.#go(now, route, from, passed.type === "trace" ? traced(passed, address) : passed);
    if (why !== undefined) return this.#drop(why);
    tally.packetsPassed += 1;
    return undefined;
  }

  /** This node's own. Returns whether it went. */
  send(now: Millis, route: Route, type: "packet" | "trace", body: Uint8Array): boolean {
    route.usedAt = now;
    const own = { label: 0, flow: 0, hopsLeft: mostHops, sidestepsLeft: sidesteps, body };
    const frame = type === "packet" ? { type, ...own } : { type, ...own, addresses: [] };
    return this.#go(now, route, undefined, frame) === undefined;
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
    const mtu = this.#deps.neighbours.get(link)?.facts.mtu ?? 0;
    if (frameLengths.answer + body.length > mtu) this.#drop("too-long");
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
    const going = { from: from?.link, sidestepsLeft };
    const hop = choice.choose(now, route, { ...going, length: lengthOf(frame) });
    if (hop === undefined)
      return choice.choose(now, route, { ...going, length: bytes(0) }) === undefined ? "no-route" : "too-long";
    const flow = from?.flow === 0 ? 0 : flows.add({ from, to: route.address, by: hop.link, at: now });
    const onward = {
      label: hop.label,
      sidestepsLeft: sidestepsLeft - (route.isFeasible(hop) ? 0 : 1),
      flow,
    };
    emit({ kind: "transmit", link: hop.link, frame: encodeFrame({ ...frame, ...onward }) });
    return undefined;
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

/** With who passes it on behind those who did before; of more than there is room for the first are told. */
function traced(frame: TraceFrame, address: MeshAddress): TraceFrame {
  return frame.addresses.length >= mostHops ? frame : { ...frame, addresses: [...frame.addresses, address] };
}

function lengthOf(frame: PacketFrame | TraceFrame): Bytes {
  const addresses = frame.type === "trace" ? frame.addresses.length : 0;
  return bytes(frameLengths[frame.type] + addresses * addressLength + frame.body.length);
}
