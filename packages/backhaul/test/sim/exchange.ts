/**
 * Conversations over a lossy path: a datagram asked again, and a TCP connection whose segments are sent again when nothing
 * comes. Only what TCP does with a handful of segments is here: no windows, no congestion control.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Timer } from "@ropewalk/kernel/clock";
import { type Bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { SimInternet, SimUplink } from "./internet.ts";
import { lastMessage, type Message } from "./message.ts";
import type { ProbeSizes, Round } from "./probe-sizes.ts";

export interface Line {
  readonly internet: SimInternet;
  readonly uplink: SimUplink;
  readonly to: IpAddress;
  readonly sizes: ProbeSizes;
}

/** RFC 6298 §2.1; Linux doubles it with each SYN. */
const firstSynTimeout: Millis = seconds(1);
/** TCP_RTO_MIN of Linux, on top of the round trip. */
const leastTimeout: Millis = millis(200);

/** Repeats `send` after `timeout`, twice `timeout` … until disposed of. */
class Repetition implements Disposable {
  readonly #line: Line;
  readonly #send: () => void;
  readonly #grows: boolean;
  #timeout: number;
  #timer: Timer | undefined;

  constructor(line: Line, timeout: Millis, send: () => void, { grows = true }: { readonly grows?: boolean } = {}) {
    this.#line = line;
    this.#send = send;
    this.#grows = grows;
    this.#timeout = timeout;
    this.#run();
  }

  #run(): void {
    this.#send();
    this.#timer = this.#line.internet.site.clock.after("retransmission", millis(this.#timeout), () => this.#run());
    if (this.#grows) this.#timeout *= 2;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }
}

/** Asks by UDP, again each `timeout`; `onAnswer` is called once, with the time since the first question. */
export class DatagramExchange implements Disposable {
  readonly #repetition: Repetition;
  #isOver = false;

  constructor(line: Line, question: Message["size"], answer: Bytes, onAnswer: (rtt: Millis) => void) {
    const { now } = line.internet;
    const message: Message = {
      size: question,
      isWhole: false,
      answers: [
        {
          ...lastMessage(answer),
          arrive: () => {
            if (this.#isOver) return;
            this[Symbol.dispose]();
            onAnswer(millis(line.internet.now - now));
          },
        },
      ],
      arrive: () => {},
    };
    this.#repetition = new Repetition(line, seconds(1), () => line.internet.send(line.uplink, line.to, message), {
      grows: false,
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#repetition[Symbol.dispose]();
  }
}

export interface TcpEvents {
  readonly onConnected: (rtt: Millis) => void;
  /** All rounds are over; the connection was reset. */
  readonly onDone: () => void;
}

export class TcpExchange implements Disposable {
  readonly #line: Line;
  readonly #rounds: readonly Round[];
  readonly #events: TcpEvents;
  readonly #began: Millis;
  #rtt: Millis = millis(0);
  #pending: Disposable | undefined;
  #isConnected = false;
  #isOver = false;

  constructor(line: Line, rounds: readonly Round[], events: TcpEvents) {
    this.#line = line;
    this.#rounds = rounds;
    this.#events = events;
    this.#began = line.internet.now;
    const { syn, synAck } = line.sizes;
    const answer: Message = { ...lastMessage(synAck), arrive: () => this.#connected() };
    const message: Message = { ...lastMessage(syn), answers: [answer] };
    this.#pending = new Repetition(line, firstSynTimeout, () => this.#send(message));
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#pending?.[Symbol.dispose]();
  }

  #send(message: Message): void {
    this.#line.internet.send(this.#line.uplink, this.#line.to, message);
  }

  #connected(): void {
    if (this.#isConnected || this.#isOver) return;
    this.#isConnected = true;
    this.#rtt = millis(this.#line.internet.now - this.#began);
    this.#pending?.[Symbol.dispose]();
    this.#events.onConnected(this.#rtt);
    this.#send(lastMessage(this.#line.sizes.acknowledgement));
    this.#begin(0);
  }

  #begin(index: number): void {
    const round = this.#rounds[index];
    if (round === undefined) {
      this.#send(lastMessage(this.#line.sizes.reset));
      this[Symbol.dispose]();
      this.#events.onDone();
      return;
    }
    const missing = new Map(round.down.map((size, segment) => [segment, size]));
    // Three of its parts as the first sample of a round trip gives them: SRTT + 4 × RTTVAR (RFC 6298 §2.2).
    const timeout = millis(Math.max(leastTimeout + this.#rtt, 3 * this.#rtt));
    const arrived = (segment: number) => {
      if (this.#isOver || !missing.delete(segment) || missing.size > 0) return;
      this.#pending?.[Symbol.dispose]();
      this.#begin(index + 1);
    };
    const ask = () => this.#askFor(round, missing, arrived);
    this.#pending = new Repetition(this.#line, timeout, ask);
  }

  /** Either side's timer would send again what is missing; here ours does for both. */
  #askFor({ up, down }: Round, missing: ReadonlyMap<number, Bytes>, arrived: (segment: number) => void): void {
    const answers = [...missing].map(([segment, size]): Message => {
      return { ...lastMessage(size), arrive: () => arrived(segment) };
    });
    const isPartial = missing.size < down.length;
    const packets = isPartial ? [this.#line.sizes.acknowledgement] : up;
    for (const [index, size] of packets.entries()) {
      const isLast = index === packets.length - 1;
      this.#send({ ...lastMessage(size), answers: isLast ? answers : [] });
    }
  }
}

/** Octets of an exchange without a loss. */
export function octetsOf(
  rounds: readonly Round[],
  { syn, synAck, acknowledgement, reset }: ProbeSizes,
): { readonly sent: number; readonly received: number } {
  const sum = (sizes: readonly Bytes[]) => sizes.reduce((total: number, size) => total + size, 0);
  return {
    sent: syn + acknowledgement + reset + sum(rounds.flatMap(({ up }) => up)),
    received: synAck + sum(rounds.flatMap(({ down }) => down)),
  };
}
