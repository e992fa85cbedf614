/** Questions of this node to others, and of others to it: sealed to who is asked, with a nonce that nobody else can know. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Deliveries } from "./deliveries.ts";
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
  readonly to: MeshAddress;
  readonly sentAt: Millis;
}

export interface ProbeDeskDeps {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly forwarding: Forwarding;
  readonly deliveries: Deliveries;
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
    if (this.#waiting.size >= mostProbes) {
      emit({ kind: "unanswered", probe: id, why: "busy" });
      return;
    }
    const route = routes.get(to);
    const nonce = crypto.random(nonceLength);
    const body = route === undefined ? undefined : crypto.seal(route.announce.key, encodeEndToEnd({ kind, nonce }));
    const type = kind === "ping" ? "packet" : "trace";
    if (route !== undefined && body !== undefined && forwarding.send(now, route, type, body)) {
      this.#waiting.set(nonce.toHex(), { id, to, sentAt: now });
      return;
    }
    requests.want(now, to, route?.announce ?? { epoch: 0, sequence: 0 });
    emit({ kind: "unanswered", probe: id, why: "no-route" });
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

  /** Whoever knows the nonce has the key that it was sealed to, and is there. Who knows another's says nothing of the one who was asked. */
  #answered(now: Millis, { flow, body }: Arrival & { readonly kind: "answer" }): void {
    const { routes, deliveries, emit } = this.#deps;
    const passage = { to: flow.to, by: flow.by, from: undefined };
    const said = decodeEndToEnd(body);
    const name = said?.nonce.toHex() ?? "";
    const probe = this.#waiting.get(name);
    if (said === undefined || probe?.to !== flow.to || said.kind === "ping" || said.kind === "trace") {
      deliveries.lost(now, passage);
      return;
    }
    this.#waiting.delete(name);
    deliveries.delivered(now, passage);
    const route = routes.get(flow.to);
    if (route !== undefined) routes.confirm(route);
    const path = said.kind === "traced" ? said.path : [];
    emit({ kind: "answered", probe: probe.id, roundTrip: millis(now - probe.sentAt), path });
  }
}
