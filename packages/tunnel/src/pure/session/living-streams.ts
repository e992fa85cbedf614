/**
 * The streams of a session from when they are opened until nothing is left of them, with what is set aside for them, what is kept, and
 * what is to be said: whatever a stream was given is given back, once, however it ends.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Role } from "../handshake/message.ts";
import type { StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import { type BudgetConfig, CreditBudget } from "./credit-budget.ts";
import { KeptOctets } from "./kept-octets.ts";
import { Outbox } from "./outbox.ts";
import { ReceiveHalf } from "./receive-half.ts";
import { type Release, SendHalf } from "./send-half.ts";
import type { SessionOutput } from "./session-output.ts";
import { isReset, type Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";
import { Turns } from "./turns.ts";

export class LivingStreams {
  readonly budget: CreditBudget;
  readonly kept: KeptOctets;
  readonly table: StreamTable;
  readonly outbox: Outbox = new Outbox();
  readonly turns: Turns = new Turns();
  readonly #largestWindow: number;
  readonly #release: Release;
  #resetting = 0;

  /** `largestWindow`: octets that one stream may have waiting at most, in either direction. */
  constructor(role: Role, config: BudgetConfig, largestWindow: number, release: Release) {
    this.budget = new CreditBudget(config);
    this.kept = new KeptOctets(config.credit);
    this.table = new StreamTable(role);
    this.#largestWindow = largestWindow;
    this.#release = release;
  }

  /** Streams that this end has reset, which the peer has not answered. */
  get resetting(): number {
    return this.#resetting;
  }

  /** This end's. `limit`: what the peer lets every stream send at first. Undefined: there is no place, or no number. */
  open(now: Millis, limit: number, request: Uint8Array): Stream | undefined {
    const receive = this.table.isSpent ? undefined : this.#receiveHalf(now);
    if (receive === undefined) return undefined;
    receive.widen(this.budget.firstWindow - receive.window);
    return this.table.open(new SendHalf(limit, this.#largestWindow, this.#release), receive, {
      kind: "asking",
      request,
    });
  }

  /** The peer's. False: there is no place. */
  add(now: Millis, id: StreamId, limit: number): boolean {
    const receive = this.#receiveHalf(now);
    if (receive === undefined) return false;
    this.table.add(id, new SendHalf(limit, this.#largestWindow, this.#release), receive, { kind: "asked" });
    return true;
  }

  /** Those of them whose octets the peer may not have. */
  get leaving(): number {
    if (this.#resetting === 0) return 0;
    return this.table.all.values().reduce((sum, stream) => sum + Number(isReset(stream) && stream.send.kept > 0), 0);
  }

  /**
   * Nothing more is told of it. Until the peer answers, its place is kept; and what an application had written before it reset its
   * connection, for the peer is to have that first. Any other reason makes it worthless.
   */
  reset(stream: Stream, reason: ResetReason): void {
    const request = stream.phase.kind === "asking" ? stream.phase.request : undefined;
    this.#resetting += 1;
    this.#silence(stream);
    if (reason !== "aborted") this.#discard(stream);
    stream.receive.retire();
    this.sayReset(stream, reason, request);
  }

  /** On this lane: behind what is still to be sent of it. */
  sayReset(stream: Stream, reason: ResetReason, request: Uint8Array | undefined): void {
    if (stream.send.isReady) {
      stream.phase = { kind: "aborting", request };
      this.turns.note(stream);
    } else {
      stream.phase = { kind: "resetting", reason, request };
      this.outbox.say({ type: "reset", stream: stream.id, reason });
    }
  }

  /** The peer has everything before `received`. False: it says to have what was never sent. */
  acknowledge({ send }: Stream, received: number): boolean {
    const before = send.kept;
    const isPossible = send.acknowledge(received);
    this.kept.remove(before - send.kept);
    return isPossible;
  }

  /** Everything behind `received` is sent again. False as `acknowledge`. */
  rewind(stream: Stream, received: number): boolean {
    if (!this.acknowledge(stream, received)) return false;
    stream.send.rewind();
    return true;
  }

  /** With both ends taken there is nothing left to wait for. */
  closedNow(stream: Stream): readonly SessionOutput[] {
    if (!stream.send.isTaken || !stream.receive.isTaken || isReset(stream)) return [];
    if (stream.receive.unacknowledged > 0)
      this.outbox.say({ type: "ack", stream: stream.id, received: stream.receive.acknowledge() });
    this.#forget(stream);
    return [{ kind: "closed", stream: stream.id }];
  }

  /** The peer has nothing of it any more. Where both ends had come it has had everything, and what it sent is still to be taken. */
  gone(stream: Stream): readonly SessionOutput[] {
    const wasEnded = stream.receive.isEnded && stream.send.wasEndSent;
    if (!wasEnded || isReset(stream)) return this.over(stream, "aborted");
    this.acknowledge(stream, stream.send.written + 1);
    return this.closedNow(stream);
  }

  /** Both directions have ended at once. */
  over(stream: Stream, reason: ResetReason): readonly SessionOutput[] {
    const wasReset = isReset(stream);
    this.#forget(stream);
    return wasReset ? [] : [{ kind: "reset", stream: stream.id, reason }];
  }

  #forget(stream: Stream): void {
    if (isReset(stream)) this.#resetting -= 1;
    stream.phase = { kind: "over" };
    this.#silence(stream);
    this.#discard(stream);
    stream.receive.release();
    this.table.remove(stream.id);
  }

  /** Nothing more is said of it. */
  #silence(stream: Stream): void {
    this.outbox.forget(stream);
    this.turns.forget(stream);
  }

  /** Nothing of it is kept. */
  #discard({ send }: Stream): void {
    this.kept.remove(send.kept);
    send.discard();
  }

  #receiveHalf(now: Millis): ReceiveHalf | undefined {
    const window = this.budget.open();
    return window === undefined ? undefined : new ReceiveHalf(now, window, this.budget);
  }
}
