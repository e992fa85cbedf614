/** How questions for newer announces find those who can answer: the nearest who knows a newer one, or the origin itself. */
import type { Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { Deliveries, Passage } from "./deliveries.ts";
import type { LinkId } from "./link.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { Neighbour } from "./neighbour.ts";
import { nearby, type Requests } from "./routing/requests.ts";
import type { Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { type Freshness, isNewer } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import type { RequestFrame } from "./wire/link-frame.ts";

const lastSequence = 0xffff_ffff;

export interface QuestionsDeps {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly deliveries: Deliveries;
  readonly emit: (output: MeshOutput) => void;
}

export class Questions {
  readonly #deps: QuestionsDeps;

  constructor(deps: QuestionsDeps) {
    this.#deps = deps;
  }

  /** This node asks for what it wants, where it is due. */
  ask(now: Millis): void {
    const { routes, requests } = this.#deps;
    for (const { address, known, reach, urgency } of requests.due(now)) {
      const route = routes.get(address);
      if (route?.best !== undefined) {
        requests.settle(address);
        continue;
      }
      // Where those are gone too who led there, they hear of it first and tell it; else a neighbour may have a way of whom this node does not know.
      const isForOthers = urgency === "unused" && route?.nextHops.length === 0;
      if (isForOthers && reach === nearby) continue;
      const { epoch, sequence } = known;
      const frame: RequestFrame = { type: "request", address, epoch, sequence, hopsLeft: isForOthers ? 0 : reach };
      // What comes back of its own question is not passed on.
      requests.isNew(now, address, known);
      requests.asks(now, address, "here");
      if (reach > nearby || route === undefined) this.#flood(undefined, frame);
      else this.#passOn(route, undefined, frame);
    }
  }

  /** What went by one neighbour was lost, and no other leads there: others may, who had no reason to say so. */
  askAround(now: Millis, { to: address, by, from }: Passage): void {
    const { routes, requests, neighbours, deliveries, emit } = this.#deps;
    const route = routes.get(address);
    const isOpen = (link: LinkId) => link !== by && deliveries.bypassedUntil({ to: address, by: link, from }) <= now;
    if (route === undefined || route.nextHops.some(({ link }) => isOpen(link))) return;
    const { epoch, sequence } = justBefore(route.announce);
    if (!requests.isNew(now, address, { epoch, sequence })) return;
    requests.asks(now, address, "here");
    const frame = encodeFrame({ type: "request", address, epoch, sequence, hopsLeft: 0 });
    for (const link of neighbours.keys()) if (route.by(link) === undefined) emit({ kind: "transmit", link, frame });
  }

  /** Another asks, and not for this node's own: who has it tells it, and who has a way to its origin passes the question on there. */
  asked(now: Millis, neighbour: Neighbour, frame: RequestFrame): void {
    const { routes, requests, advertising } = this.#deps;
    const route = routes.get(frame.address);
    const best = route?.best?.link === neighbour.link ? undefined : route?.best;
    if (route !== undefined && isNewer(route.announce, frame) && advertising.answer(neighbour, route)) return;
    // What is not newer than nothing was asked of neighbours alone.
    if (frame.hopsLeft === 0 && best === undefined) return;
    requests.asks(now, frame.address, neighbour.link);
    if (!requests.isNew(now, frame.address, frame)) return;
    // To who is nearer to the origin it goes in no circle, however far that is.
    if (best !== undefined) this.#deps.emit({ kind: "transmit", link: best.link, frame: encodeFrame(frame) });
    else if (route !== undefined) this.#passOn(route, neighbour.link, frame);
    else if (frame.hopsLeft > 0) this.#flood(neighbour.link, { ...frame, hopsLeft: frame.hopsLeft - 1 });
  }

  /** To a neighbour that may be no nearer, but leads there; else to all. */
  #passOn({ nextHops }: Route, except: LinkId | undefined, frame: RequestFrame): void {
    const leading = nextHops.find(({ link }) => link !== except);
    if (leading !== undefined) this.#deps.emit({ kind: "transmit", link: leading.link, frame: encodeFrame(frame) });
    else if (frame.hopsLeft > 0) this.#flood(except, { ...frame, hopsLeft: frame.hopsLeft - 1 });
  }

  #flood(except: LinkId | undefined, frame: RequestFrame): void {
    const octets = encodeFrame(frame);
    for (const link of this.#deps.neighbours.keys())
      if (link !== except) this.#deps.emit({ kind: "transmit", link, frame: octets });
  }
}

/** Of an announce that is known: what is asked for if it will do. */
function justBefore({ epoch, sequence }: Freshness): Freshness {
  return sequence > 0 ? { epoch, sequence: sequence - 1 } : { epoch: Math.max(0, epoch - 1), sequence: lastSequence };
}
