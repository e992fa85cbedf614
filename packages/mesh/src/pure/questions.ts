/** How questions for newer announces find those who can answer: the nearest who knows a newer one, or the origin itself. */
import type { Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Requests } from "./routing/requests.ts";
import type { Routes } from "./routing/routes.ts";
import { type Freshness, isNewer, mostHops } from "./wire/announce.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import type { RequestFrame } from "./wire/link-frame.ts";

export interface QuestionsDeps {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
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
    for (const { address, known } of requests.due(now)) {
      if (routes.get(address)?.best === undefined) this.#askAll(now, address, known);
      else requests.settle(address);
    }
  }

  /** Another asks, and not for this node's own: who has it tells it, and who has a way to its origin passes the question on there. */
  asked(now: Millis, neighbour: Neighbour, frame: RequestFrame): void {
    const { routes, requests, advertising } = this.#deps;
    const route = routes.get(frame.address);
    const best = route?.best?.link === neighbour.link ? undefined : route?.best;
    if (route !== undefined && best !== undefined && isNewer(route.announce, frame)) {
      advertising.tellOne(now, neighbour, route);
      return;
    }
    if (frame.hopsLeft === 0 || !requests.isNew(now, frame.address, frame)) return;
    const on: RequestFrame = { ...frame, hopsLeft: frame.hopsLeft - 1 };
    if (best === undefined) this.#flood(neighbour.link, on);
    else this.#deps.emit({ kind: "transmit", link: best.link, frame: encodeFrame(on) });
  }

  #askAll(now: Millis, address: MeshAddress, { epoch, sequence }: Freshness): void {
    // What comes back of its own question is not passed on.
    this.#deps.requests.isNew(now, address, { epoch, sequence });
    this.#flood(undefined, { type: "request", address, epoch, sequence, hopsLeft: mostHops });
  }

  #flood(except: LinkId | undefined, frame: RequestFrame): void {
    const octets = encodeFrame(frame);
    for (const link of this.#deps.neighbours.keys())
      if (link !== except) this.#deps.emit({ kind: "transmit", link, frame: octets });
  }
}
