/**
 * One handshake, in the thread that runs them: TLS, the judgement of what it came to, then the inner handshake, whose machine decides
 * and whose outputs are performed here. Afterwards the TLS connection stays, for as long as the session does.
 */
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { MessagePort } from "node:worker_threads";
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { isAbortReason } from "../pure/handshake/failure.ts";
import {
  beginHandshake,
  deadlineOf,
  decapsulated,
  encapsulated,
  expire,
  kemFailed,
  receive,
} from "../pure/handshake/handshake.ts";
import type {
  AgreedSession,
  HandshakeFacts,
  HandshakeOutput,
  HandshakeState,
  Step,
} from "../pure/handshake/handshake-state.ts";
import { encodeMessage, mceliece460896, randomLength } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";
import type { Identity } from "./identity.ts";
import type { KemKeys } from "./kem-keys.ts";
import { connectionFault } from "./openssl-refusal.ts";
import { type CertificateReading, judgeShown, type ShownPeer } from "./peer-certificate.ts";
import type { FromHandshake, HandshakeTask, ToHandshake, ToThread } from "./thread-messages.ts";
import { judgeTls, negotiatedBy, openTls } from "./tls-connection.ts";
import { exporterLabel, exporterLength } from "./tls-settings.ts";

type Phase =
  | { readonly kind: "tls" }
  | { readonly kind: "inner"; readonly state: HandshakeState; readonly shown: ShownPeer; readonly tlsTook: Millis }
  | { readonly kind: "session" }
  | { readonly kind: "over" };

export interface HandshakeRunDeps {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly kem: KemKeys;
  readonly reading: CertificateReading;
}

/** How long the peer may take to read why it was refused, or that it is over. */
const farewell = seconds(2);

export class HandshakeRun {
  /** Settles when its connection is closed. */
  readonly closed: Promise<void>;
  readonly #settle: () => void;
  readonly #task: HandshakeTask;
  readonly #port: MessagePort;
  readonly #deps: HandshakeRunDeps;
  readonly #socket: Socket;
  readonly #tls: TLSSocket;
  readonly #startedAt: Millis;
  /** Ends what is being computed for it. */
  readonly #ended = new AbortController();
  #phase: Phase = { kind: "tls" };
  #timer: Timer;

  constructor({ task, fd, early, port }: ToThread & { readonly kind: "begin" }, deps: HandshakeRunDeps) {
    const { clock, identity } = deps;
    ({ promise: this.closed, resolve: this.#settle } = Promise.withResolvers<void>());
    this.#task = task;
    this.#port = port;
    this.#deps = deps;
    this.#startedAt = clock.now();
    this.#socket = new Socket({ fd, readable: true, writable: true });
    this.#socket.on("error", () => {});
    if (early.length > 0) this.#socket.unshift(Buffer.from(early.buffer, early.byteOffset, early.byteLength));
    this.#tls = openTls(task.role, this.#socket, identity.context, () => this.#onSecure());
    this.#tls.on("data", (bytes: Buffer) => this.#onBytes(bytes));
    this.#tls.on("error", (error) => this.#onError(error));
    this.#tls.on("close", () => this.#onClosed());
    const isLate = () => this.#refuse({ by: "us", reason: "deadline", detail: "TLS" });
    this.#timer = clock.after("TLS of a handshake", task.authenticateWithin, isLate);
    port.on("message", (message: ToHandshake) => this.#onMessage(message));
    // What was early, a whole ClientHello at a destination, has been answered by then.
    setImmediate(() => this.#post({ kind: "answered" }));
  }

  #onMessage({ kind }: ToHandshake): void {
    switch (kind) {
      case "end":
        this.#over({ by: "us", reason: "ended", detail: "" });
        this.#part();
        return;
      case "abort":
        this.abort();
        return;
    }
  }

  /**
   * At once, and without a word to the peer. Always by way of TLS: Node never forgets what TLS was writing to a socket that was
   * destroyed beneath it, and a thread that has such a one cannot end.
   */
  abort(): void {
    this.#tls.destroy();
  }

  /** Says what is left to say, and gives the peer time to read it. */
  #part(): void {
    this.#tls.end();
    this.#timer[Symbol.dispose]();
    this.#timer = this.#deps.clock.after("farewell of a handshake", farewell, () => this.#tls.destroy());
  }

  /** The alert that says why is on its way; Node leaves the connection open behind it. */
  #onError(error: Error): void {
    // OpenSSL ends its words with a line feed.
    this.#over({ ...connectionFault(error), detail: error.message.trim() });
    setImmediate(() => this.#tls.destroy());
  }

  #onClosed(): void {
    this.#over({ by: "peer", reason: "cut-off", detail: "" });
    this.#timer[Symbol.dispose]();
    this.#port.close();
    this.#settle();
  }

  #onSecure(): void {
    if (this.#phase.kind !== "tls") return;
    const { clock, identity, reading } = this.#deps;
    const { role, allow } = this.#task;
    const tls = judgeTls(this.#tls, role);
    const shown =
      tls.kind === "refused"
        ? tls
        : judgeShown(tls, role, { trust: identity.facts.trust, allow, now: clock.wall(), reading });
    if (shown.kind === "refused") {
      this.#refuse(shown.refusal);
      return;
    }
    const now = clock.now();
    const step = beginHandshake(sha384, this.#facts(shown), now);
    this.#phase = { kind: "inner", state: step.state, shown, tlsTook: millis(now - this.#startedAt) };
    this.#perform(step);
    this.#post({ kind: "authenticated" });
  }

  #facts({ peer: { leaf } }: ShownPeer): HandshakeFacts {
    const { role, mode } = this.#task;
    const { identity, kem } = this.#deps;
    const isHybrid = mode === "hybrid";
    const peerKemPin = isHybrid ? leaf.kemPin : undefined;
    return {
      ...{ role, mode, kem: mceliece460896, capabilities: 0, peerKemPin },
      random: new Uint8Array(randomBytes(randomLength)),
      exporter: new Uint8Array(this.#tls.exportKeyingMaterial(exporterLength, exporterLabel, Buffer.alloc(0))),
      ownLeaf: identity.facts.leaf.der,
      peerLeaf: leaf.der,
      ownKemKey: isHybrid ? identity.kem?.publicKey.raw() : undefined,
      peerKemKey: peerKemPin === undefined ? undefined : kem.find(peerKemPin),
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
      const wait = millis(Math.max(0, deadline - this.#deps.clock.now()));
      this.#timer = this.#deps.clock.after("inner handshake", wait, () => this.#onDeadline());
    }
    // What is said at once goes out at once.
    this.#tls.cork();
    for (const output of outputs) this.#performOne(output);
    this.#tls.uncork();
  }

  #onDeadline(): void {
    if (this.#phase.kind === "inner") this.#perform(expire(this.#phase.state, this.#deps.clock.now()));
  }

  #performOne(output: HandshakeOutput): void {
    switch (output.kind) {
      case "transmit":
        this.#tls.write(output.bytes);
        return;
      case "encapsulate":
      case "decapsulate":
        void this.#compute(output);
        return;
      case "keep-key":
        this.#deps.kem.keep(output.publicKey);
        return;
      case "established":
        this.#onEstablished(output.session, output.rest);
        return;
      case "failed": {
        const by = output.failure.kind === "aborted" ? "us" : "peer";
        this.#over({ by, reason: output.failure.reason, detail: "" });
        this.#part();
        return;
      }
      case "erase":
        for (const secret of output.secrets) secret.fill(0);
        return;
    }
  }

  /** Never rejects: a failure is an answer to the machine. */
  async #compute(output: HandshakeOutput & { readonly kind: "encapsulate" | "decapsulate" }): Promise<void> {
    const answer = await this.#answerTo(output).catch(
      (error: unknown) => (state: HandshakeState) => this.#kemFailed(state, error),
    );
    if (this.#phase.kind === "inner") this.#perform(answer(this.#phase.state));
  }

  async #answerTo(
    output: HandshakeOutput & { readonly kind: "encapsulate" | "decapsulate" },
  ): Promise<(state: HandshakeState) => Step> {
    const { kem, identity } = this.#deps;
    const { signal } = this.#ended;
    if (output.kind === "encapsulate") {
      const made = await kem.encapsulate(output.publicKey, signal);
      return (state) => encapsulated(sha384, state, made);
    }
    if (identity.kem === undefined) throw new Error("this end has no McEliece key");
    const secret = await kem.decapsulate(identity.kem, output.ciphertext, signal);
    return (state) => decapsulated(sha384, state, secret);
  }

  #kemFailed(state: HandshakeState, error: unknown): Step {
    if (!this.#ended.signal.aborted) this.#post({ kind: "trouble", reason: `McEliece: ${describeError(error)}` });
    return kemFailed(state);
  }

  #onEstablished(session: AgreedSession, rest: Uint8Array): void {
    if (this.#phase.kind !== "inner") return;
    const { shown, tlsTook } = this.#phase;
    this.#phase = { kind: "session" };
    const times = { tls: tlsTook, established: millis(this.#deps.clock.now() - this.#startedAt) };
    const { peer, chain, until } = shown;
    const established = { session, peer, chain, until, negotiated: negotiatedBy(this.#tls), times };
    this.#post({ kind: "established", established }, [session.epochSecret.buffer as ArrayBuffer]);
    if (rest.length > 0) this.#tls.destroy();
  }

  /** Tells the peer, where there is an octet for it and TLS to send it through. */
  #refuse(refusal: Refusal): void {
    const { reason } = refusal;
    if (isAbortReason(reason) && this.#tls.getFinished() !== undefined)
      this.#tls.write(encodeMessage({ type: "abort", reason }));
    this.#over(refusal);
    this.#part();
  }

  #over(refusal: Refusal): void {
    const { kind } = this.#phase;
    if (kind === "over") return;
    this.#phase = { kind: "over" };
    this.#timer[Symbol.dispose]();
    this.#ended.abort();
    this.#post(kind === "session" ? { kind: "ended" } : { kind: "refused", refusal });
  }

  #post(message: FromHandshake, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
