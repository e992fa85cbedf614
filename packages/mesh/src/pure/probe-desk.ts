/** Questions of this node to others and of others to it: sealed to who is asked, and answered to who has asked by his own route. */

import type { Millis } from "@ropewalk/kernel/units";
import { decodeEndToEnd, type EndToEnd, encodeEndToEnd, nonceLength } from "./end-to-end.ts";
import type { Forwarding } from "./forwarding.ts";
import { addressOfKey, type MeshAddress } from "./mesh-address.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshOutput } from "./mesh-output.ts";
import { Probes } from "./probes.ts";
import type { Requests } from "./routing/requests.ts";
import type { Routes } from "./routing/routes.ts";
import type { PacketFrame, TraceFrame } from "./wire/link-frame.ts";

export interface ProbeDeskDeps {
  readonly routes: Routes;
  readonly requests: Requests;
  readonly forwarding: Forwarding;
  readonly crypto: MeshCrypto;
  readonly emit: (output: MeshOutput) => void;
}

export class ProbeDesk {
  readonly #deps: ProbeDeskDeps;
  readonly #probes = new Probes();

  constructor(deps: ProbeDeskDeps) {
    this.#deps = deps;
  }

  get deadline(): Millis | undefined {
    return this.#probes.deadline();
  }

  ask(now: Millis, id: number, to: MeshAddress, kind: "ping" | "trace"): void {
    const { routes, requests, crypto, forwarding, emit } = this.#deps;
    const route = routes.get(to);
    const nonce = crypto.random(nonceLength);
    const said = encodeEndToEnd({ kind, nonce, key: crypto.publicKey });
    const body = route === undefined || this.#probes.isFull ? undefined : crypto.seal(route.announce.key, said);
    const type = kind === "ping" ? "packet" : "trace";
    const link = route === undefined || body === undefined ? undefined : forwarding.send(now, route, type, body);
    if (link === undefined) {
      requests.want(now, to, route?.announce ?? { epoch: 0, sequence: 0 });
      emit({ kind: "unanswered", probe: id, why: "no-route" });
    } else this.#probes.add(nonce, { id, to, link, sentAt: now });
  }

  /** Something came for this node itself. */
  arrived(now: Millis, frame: PacketFrame | TraceFrame): void {
    const plain = this.#deps.crypto.open(frame.body);
    const said = plain === undefined ? undefined : decodeEndToEnd(plain);
    if (said === undefined) return;
    const { kind } = said;
    if (kind === "ping") this.#reply(now, said.key, { kind: "pong", nonce: said.nonce });
    else if (kind === "trace") {
      const path = frame.type === "trace" ? frame.addresses : [];
      this.#reply(now, said.key, { kind: "traced", nonce: said.nonce, path });
    } else this.#answered(now, said);
  }

  expire(now: Millis): void {
    for (const { id, to, link } of this.#probes.expire(now)) {
      this.#deps.routes.get(to)?.lost(now, link);
      this.#deps.emit({ kind: "unanswered", probe: id, why: "lost" });
    }
  }

  #reply(now: Millis, key: Uint8Array, said: EndToEnd): void {
    const { routes, requests, crypto, forwarding } = this.#deps;
    const to = addressOfKey(key);
    const route = routes.get(to);
    if (route === undefined) {
      requests.want(now, to, { epoch: 0, sequence: 0 });
      return;
    }
    const body = crypto.seal(key, encodeEndToEnd(said));
    if (body !== undefined) forwarding.send(now, route, "packet", body);
  }

  /** Whoever knows the nonce has the key that it was sealed to, and is there. */
  #answered(now: Millis, said: Extract<EndToEnd, { readonly kind: "pong" | "traced" }>): void {
    const probe = this.#probes.answer(said.nonce);
    if (probe === undefined) return;
    const route = this.#deps.routes.get(probe.to);
    route?.delivered(probe.link);
    const path = said.kind === "traced" ? said.path : [];
    this.#deps.emit({ kind: "answered", probe: probe.id, roundTrip: (now - probe.sentAt) as Millis, path });
  }
}
