/**
 * Whether anybody is still at the other end of a lane. Silence is asked about (a ping), and only a question that this
 * process waited out awake, with its eyes open at the end, counts as missed: so many of them, and the lane is dead.
 *
 *     silence of the interval            ping, then one for each timeout
 *     something of ours is outstanding   silence of four round trips: ping, then 1, 2, 4 … times as long
 *
 * The quicker of both applies. Any octet of the peer's, however slowly they come, ends the silence.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

export interface HeartbeatConfig {
  /** Of silence, before the peer is asked. */
  readonly interval: Millis;
  /** For each answer; not longer than the interval. */
  readonly timeout: Millis;
  /** So many questions without an answer, and the lane is given up. */
  readonly missed: number;
}

export type HeartbeatOutput =
  | { readonly kind: "ping"; readonly token: Uint8Array }
  | { readonly kind: "dead"; readonly silence: Millis; readonly missed: number };

/** Nothing is asked sooner, however short the round trip: a peer may be busy. */
const leastSilence = 200;
/** Before a round trip was measured, as RFC 6298 §2.1 has it. */
const initialRtt = 250;
/** Time for the loop to read what lies in the kernel, before silence is believed. */
const look = 10;
/** A step that comes later than this, or a quarter of its wait, finds a process that was stopped. */
const leastLateness = 50;
/** Pings that may still be answered. */
const rememberedPings = 16;

interface Question {
  /** Questions before it that were waited out. */
  readonly missed: number;
  /** Questions before it that count for nothing because this process slept; each doubles the wait. */
  readonly repeated: number;
  readonly askedAt: Millis;
  readonly stage: Stage;
}

type Stage =
  | { readonly kind: "waiting" }
  /** The wait is over. Looks that come late are repeated, each with more patience. */
  | { readonly kind: "looking"; readonly since: Millis; readonly looks: number };

export class Heartbeat {
  readonly #config: HeartbeatConfig;
  #heardAt: Millis;
  #expectingSince: Millis | undefined;
  #question: Question | undefined;
  #rtt: Millis | undefined;
  #pings = 0;
  /** When those that may be measured were sent, by number. */
  readonly #sentAt = new Map<number, Millis>();
  #isDead = false;

  /** `rtt`: as long as the welcome of the lane took, when that is known. */
  constructor(now: Millis, config: HeartbeatConfig, rtt?: Millis) {
    this.#config = config;
    this.#heardAt = now;
    this.#rtt = rtt;
  }

  /** Smoothed as in RFC 6298 §2; undefined before the first measurement. */
  get rtt(): Millis | undefined {
    return this.#rtt;
  }

  /** Octets of the peer's came, whole records or not; or it was this end that did not read. */
  heard(now: Millis): void {
    this.#heardAt = now;
    this.#question = undefined;
  }

  /** Something that the peer must answer is under way. May be told again while that is so. */
  expecting(now: Millis): void {
    this.#expectingSince ??= now;
  }

  /** Nothing is outstanding any more. */
  settled(): void {
    this.#expectingSince = undefined;
  }

  /** A pong came. The round trip, or undefined when its ping was not sent or this process slept in between. */
  ponged(now: Millis, token: Uint8Array): Millis | undefined {
    this.heard(now);
    const ping = numberOf(token);
    const sentAt = ping === undefined ? undefined : this.#sentAt.get(ping);
    if (ping === undefined || sentAt === undefined) return undefined;
    for (const number of this.#sentAt.keys()) if (number <= ping) this.#sentAt.delete(number);
    const sample = millis(now - sentAt);
    this.#rtt = this.#rtt === undefined ? sample : millis(this.#rtt + (sample - this.#rtt) / 8);
    return sample;
  }

  expire(now: Millis): readonly HeartbeatOutput[] {
    const due = this.deadline();
    if (due === undefined || now < due) return [];
    const question = this.#question;
    if (question === undefined) return this.#ask(now, { missed: 0, repeated: 0 });
    const isLate = now - due > lateness(question, due);
    if (question.stage.kind === "waiting") return isLate ? this.#repeat(now, question) : this.#look(now, question, 1);
    if (isLate) return this.#look(now, question, question.stage.looks + 1);
    const missed = question.missed + 1;
    if (missed < this.#config.missed) return this.#ask(now, { missed, repeated: question.repeated });
    this.#isDead = true;
    return [{ kind: "dead", silence: millis(now - this.#heardAt), missed }];
  }

  /** When `expire` is due; undefined once the lane is dead. */
  deadline(): Millis | undefined {
    if (this.#isDead) return undefined;
    const question = this.#question;
    if (question?.stage.kind === "looking") return millis(question.stage.since + look);
    const from = question?.askedAt ?? this.#heardAt;
    const slow = from + this.#slowWait(question);
    if (this.#expectingSince === undefined) return millis(slow);
    return millis(Math.min(slow, Math.max(from, this.#expectingSince) + this.#quickWait(question)));
  }

  #slowWait(question: Question | undefined): number {
    return question === undefined ? this.#config.interval : this.#config.timeout;
  }

  #quickWait(question: Question | undefined): number {
    const silence = Math.max(leastSilence, 4 * (this.#rtt ?? initialRtt));
    return question === undefined ? silence : silence * 2 ** Math.min(question.missed + question.repeated, 30);
  }

  #ask(now: Millis, counts: { readonly missed: number; readonly repeated: number }): readonly HeartbeatOutput[] {
    this.#question = { ...counts, askedAt: now, stage: { kind: "waiting" } };
    this.#pings += 1;
    this.#sentAt.set(this.#pings, now);
    for (const number of this.#sentAt.keys()) if (number <= this.#pings - rememberedPings) this.#sentAt.delete(number);
    return [{ kind: "ping", token: tokenOf(this.#pings) }];
  }

  #look(now: Millis, question: Question, looks: number): readonly HeartbeatOutput[] {
    this.#question = { ...question, stage: { kind: "looking", since: now, looks } };
    return [];
  }

  /** This process slept: the answer may lie in the kernel. What was asked is asked again, and measures nothing. */
  #repeat(now: Millis, { missed, repeated }: Question): readonly HeartbeatOutput[] {
    this.#sentAt.clear();
    return this.#ask(now, { missed, repeated: repeated + 1 });
  }
}

/** How late a step may come and still be believed. */
function lateness({ askedAt, stage }: Question, due: Millis): number {
  if (stage.kind === "looking") return leastLateness * 2 ** Math.min(stage.looks - 1, 30);
  return Math.max(leastLateness, (due - askedAt) / 4);
}

function tokenOf(ping: number): Uint8Array {
  const token = new Uint8Array(8);
  new DataView(token.buffer).setBigUint64(0, BigInt(ping));
  return token;
}

function numberOf(token: Uint8Array): number | undefined {
  if (token.length !== 8) return undefined;
  return Number(new DataView(token.buffer, token.byteOffset, 8).getBigUint64(0));
}
