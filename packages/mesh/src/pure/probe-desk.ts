/** Questions of this node to others, and of others to it: sealed to who is asked, with a nonce that nobody else can know. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { decodeEndToEnd, encodeEndToEnd, nonceLength } from "./end-to-end.ts";
import { answerWithin } from "./flows.ts";
import type { Arrival, Forwarding } from "./forwarding.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshOutput } from "./mesh-output.ts";
import type { Requests } from "./routing/requests.ts";
import type { Routes } from "./routing/routes.ts";

const mostProbes = 1024;

interface Probe {
  readonly id: number;
  readonly sentAt: Millis;
}

export interface ProbeDeskDeps {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly forwarding: Forwarding;
  readonly crypto: MeshCrypto;
  readonly emit: (output: MeshOutput) => void;
}

export class ProbeDesk {
  readonly #deps: ProbeDeskDeps;
  /** By nonce, the oldest first. */
  readonly #waiting = new Map<string, Probe>();

  constructor(deps: ProbeDeskDeps) {
    this.#deps = deps;
  }

  get deadline(): Millis | undefined {
    const [first] = this.#waiting.values();
    return first === undefined ? undefined : millis(first.sentAt + answerWithin);
  }

  ask(now: Millis, id: number, to: MeshAddress, kind: "ping" | "trace"): void {
    const { routes, requests, crypto, forwarding, emit } = this.#deps;
    const route = routes.get(to);
    const nonce = crypto.random(nonceLength);
    const isFull = this.#waiting.size >= mostProbes;
    const body =
      route === undefined || isFull ? undefined : crypto.seal(route.announce.key, encodeEndToEnd({ kind, nonce }));
    const type = kind === "ping" ? "packet" : "trace";
    if (route !== undefined && body !== undefined && forwarding.send(now, route, type, body)) {
      this.#waiting.set(nonce.toHex(), { id, sentAt: now });
      return;
    }
    requests.want(now, to, route?.announce ?? { epoch: 0, sequence: 0 });
    emit({ kind: "unanswered", probe: id, why: isFull ? "busy" : "no-route" });
  }

  /** Something came for this node itself. */
  arrived(now: Millis, arrival: Arrival): void {
    if (arrival.kind === "answer") this.#answered(now, arrival);
    else this.#asked(arrival);
  }

  expire(now: Millis): void {
    for (const [nonce, { id, sentAt }] of this.#waiting) {
      if (sentAt + answerWithin > now) return;
      this.#waiting.delete(nonce);
      this.#deps.emit({ kind: "unanswered", probe: id, why: "lost" });
    }
  }

  #asked({ from, path, body }: Arrival & { readonly kind: "question" }): void {
    const { crypto, forwarding } = this.#deps;
    const plain = crypto.open(body);
    const said = plain === undefined ? undefined : decodeEndToEnd(plain);
    if (said?.kind === "ping") forwarding.answer(from, encodeEndToEnd({ kind: "pong", nonce: said.nonce }));
    if (said?.kind === "trace") forwarding.answer(from, encodeEndToEnd({ kind: "traced", nonce: said.nonce, path }));
  }

  /** Whoever knows the nonce has the key that it was sealed to, and is there. */
  #answered(now: Millis, { flow, body }: Arrival & { readonly kind: "answer" }): void {
    const said = decodeEndToEnd(body);
    const probe = said === undefined ? undefined : this.#waiting.get(said.nonce.toHex());
    const { routes } = this.#deps;
    const route = routes.get(flow.to);
    if (said === undefined || probe === undefined || said.kind === "ping" || said.kind === "trace") {
      route?.lost(now, flow.by);
      return;
    }
    this.#waiting.delete(said.nonce.toHex());
    if (route !== undefined) {
      route.delivered(flow.by);
      routes.confirm(route);
    }
    const path = said.kind === "traced" ? said.path : [];
    this.#deps.emit({ kind: "answered", probe: probe.id, roundTrip: millis(now - probe.sentAt), path });
  }
}
