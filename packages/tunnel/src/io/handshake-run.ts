/**
 * One handshake, in the thread that runs them: TLS, the judgement of what it came to, then the inner handshake, whose machine decides
 * and whose outputs are performed here. Afterwards the TLS connection stays, for as long as the session does.
 */
import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { MessagePort } from "node:worker_threads";
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { isAbortReason } from "../pure/handshake/failure.ts";
import { beginHandshake, deadlineOf, expire, receive } from "../pure/handshake/handshake.ts";
import type { AgreedSession, HandshakeOutput, HandshakeState, Step } from "../pure/handshake/handshake-state.ts";
import { encodeMessage, mceliece460896, randomLength } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";
import type { Identity } from "./identity.ts";
import { connectionFault } from "./openssl-refusal.ts";
import { judgePeer, type PeerFacts } from "./peer-facts.ts";
import { PortDuplex } from "./port-duplex.ts";
import type { FromHandshake, HandshakeTask, ToHandshake } from "./thread-messages.ts";
import { judgeTls, negotiatedBy, openTls } from "./tls-connection.ts";
import { exporterLabel, exporterLength } from "./tls-settings.ts";

type Phase =
  | { readonly kind: "tls" }
  | { readonly kind: "inner"; readonly state: HandshakeState; readonly peer: PeerFacts; readonly tlsTook: Millis }
  | { readonly kind: "session" }
  | { readonly kind: "over" };

export class HandshakeRun {
  readonly #task: HandshakeTask;
  readonly #port: MessagePort;
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #transport: PortDuplex;
  readonly #tls: TLSSocket;
  readonly #startedAt: Millis;
  #phase: Phase = { kind: "tls" };
  #timer: Timer;

  constructor(task: HandshakeTask, port: MessagePort, identity: Identity, clock: Clock) {
    this.#task = task;
    this.#port = port;
    this.#identity = identity;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#transport = new PortDuplex(port);
    this.#tls = openTls(task.role, this.#transport, identity.context, () => this.#onSecure());
    this.#tls.on("data", (bytes: Buffer) => this.#onBytes(bytes));
    this.#tls.on("error", (error) => this.#over({ ...connectionFault(error), detail: error.message }));
    this.#tls.on("close", () => this.#over({ by: "peer", reason: "cut-off", detail: "" }));
    this.#timer = clock.after("TLS of a handshake", task.authenticateWithin, () => this.#refuse("deadline", "TLS"));
    port.on("message", (message: ToHandshake) => this.#onMessage(message));
  }

  #onMessage(message: ToHandshake): void {
    if (message instanceof Uint8Array) {
      this.#transport.arrive(message);
      return;
    }
    switch (message.kind) {
      case "end":
        this.#over({ by: "us", reason: "ended", detail: "" });
        this.#tls.end();
        return;
      case "closed":
        this.#over({ by: "peer", reason: "cut-off", detail: "" });
        this.#tls.destroy();
        this.#port.close();
        return;
    }
  }

  #onSecure(): void {
    if (this.#phase.kind !== "tls") return;
    const verdict = judgeTls(this.#tls, this.#task.role);
    if (verdict.kind === "refused") {
      this.#refuse(verdict.refusal.reason, verdict.refusal.detail);
      return;
    }
    const { role, allow } = this.#task;
    const judged = judgePeer(verdict.certificate, role === "source" ? "destination" : "source", allow);
    if (judged.kind === "refused") {
      this.#refuse(judged.reason, judged.detail);
      return;
    }
    this.#post({ kind: "authenticated", peer: judged.peer });
    const now = this.#clock.now();
    const step = beginHandshake(sha384, this.#facts(judged.peer), now);
    this.#phase = { kind: "inner", state: step.state, peer: judged.peer, tlsTook: millis(now - this.#startedAt) };
    this.#perform(step);
  }

  #facts(peer: PeerFacts): Parameters<typeof beginHandshake>[1] {
    const { role, mode } = this.#task;
    return {
      ...{ role, mode, kem: mceliece460896, capabilities: 0 },
      random: new Uint8Array(randomBytes(randomLength)),
      exporter: new Uint8Array(this.#tls.exportKeyingMaterial(exporterLength, exporterLabel, Buffer.alloc(0))),
      ownLeaf: this.#identity.leaf,
      peerLeaf: peer.certificate,
      ...{ ownKemKey: undefined, peerKemPin: undefined, peerKemKey: undefined },
    };
  }

  #onBytes(bytes: Buffer): void {
    const phase = this.#phase;
    if (phase.kind === "inner") this.#perform(receive(sha384, phase.state, new Uint8Array(bytes)));
    // Nothing is said on this connection once there is a session.
    if (phase.kind === "session") this.#tls.destroy();
  }

  #perform({ state, outputs }: Step): void {
    if (this.#phase.kind !== "inner") return;
    this.#phase = { ...this.#phase, state };
    this.#timer[Symbol.dispose]();
    const deadline = deadlineOf(state);
    if (deadline !== undefined) {
      const wait = millis(Math.max(0, deadline - this.#clock.now()));
      this.#timer = this.#clock.after("inner handshake", wait, () => this.#perform(expire(state, this.#clock.now())));
    }
    for (const output of outputs) this.#performOne(output);
  }

  #performOne(output: HandshakeOutput): void {
    switch (output.kind) {
      case "transmit":
        this.#tls.write(output.bytes);
        return;
      case "established":
        this.#onEstablished(output.session);
        return;
      case "failed": {
        const by = output.failure.kind === "aborted" ? "us" : "peer";
        this.#over({ by, reason: output.failure.reason, detail: "" });
        this.#tls.end();
        return;
      }
      case "erase":
        for (const secret of output.secrets) secret.fill(0);
        return;
      case "encapsulate":
      case "decapsulate":
      case "keep-key":
        return;
    }
  }

  #onEstablished(session: AgreedSession): void {
    if (this.#phase.kind !== "inner") return;
    const { peer, tlsTook } = this.#phase;
    this.#phase = { kind: "session" };
    const times = { tls: tlsTook, established: millis(this.#clock.now() - this.#startedAt) };
    const established = { session, peer, negotiated: negotiatedBy(this.#tls), times };
    this.#post({ kind: "established", established }, [session.epochSecret.buffer as ArrayBuffer]);
  }

  /** Tells the peer, where there is an octet for it and TLS to send it through. */
  #refuse(reason: Refusal["reason"], detail: string): void {
    if (isAbortReason(reason) && this.#tls.getFinished() !== undefined)
      this.#tls.write(encodeMessage({ type: "abort", reason }));
    this.#over({ by: "us", reason, detail });
    this.#tls.end();
  }

  #over(refusal: Refusal): void {
    const { kind } = this.#phase;
    if (kind === "over") return;
    this.#phase = { kind: "over" };
    this.#timer[Symbol.dispose]();
    this.#post(kind === "session" ? { kind: "ended" } : { kind: "refused", refusal });
  }

  #post(message: FromHandshake, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
