/**
 * Tells descriptors that they can be read or written, through one epoll of our own that libuv polls as one descriptor.
 * Edge-triggered: a descriptor is registered once and costs no call more until it is closed. Each turn is an ordinary
 * macrotask; who has more to do than one step asks for another and waits behind the others.
 */
import { HostError } from "../errors.ts";
import { describeErrno } from "../system-error.ts";
import type { Native } from "./native.ts";
import type { TcpCalls } from "./native-tcp.ts";

/** Rounds in one turn, before timers and the rest of the event loop have theirs. */
const roundsInTurn = 8;

export interface Pollable {
  /** What the kernel tells (EPOLL.*). A step follows. */
  note(events: number): void;
  /** Does a bounded piece of work. */
  step(): void;
}

export class Readiness implements Disposable {
  readonly #native: Native;
  readonly #calls: TcpCalls;
  readonly #poll: number;
  readonly #heard = new Map<number, Pollable>();
  #ready = new Set<Pollable>();
  #spare = new Set<Pollable>();
  #watch: Disposable | undefined;
  #lastToken = 0;
  #isTurnQueued = false;
  #isInTurn = false;
  #isDisposed = false;

  constructor(native: Native, calls: TcpCalls) {
    this.#native = native;
    this.#calls = calls;
    this.#poll = calls.createPoll();
    if (this.#poll < 0) throw new HostError("HOST_SOCKET", `could not poll: ${describeErrno(this.#poll)}`);
  }

  /** The token names the descriptor until it is removed. Throws HOST_SOCKET. */
  add(fd: number, events: number, pollable: Pollable): number {
    const token = this.#nextToken();
    const added = this.#calls.pollAdd(this.#poll, fd, events, token);
    if (added < 0) throw new HostError("HOST_SOCKET", `could not poll: ${describeErrno(added)}`, { errno: -added });
    this.#heard.set(token, pollable);
    this.#watch ??= this.#native.watchReadable(this.#poll, this.#turn);
    return token;
  }

  /** What is ready already is told once more. */
  change(fd: number, token: number, events: number): void {
    this.#calls.pollChange(this.#poll, fd, events, token);
  }

  /** Somebody else hears of the descriptor from now on. */
  give(token: number, pollable: Pollable): void {
    this.#heard.set(token, pollable);
  }

  /** Before the descriptor is closed. Steps that were asked for are still made. */
  remove(fd: number, token: number): void {
    this.#calls.pollRemove(this.#poll, fd);
    this.#heard.delete(token);
    if (this.#heard.size === 0) this.#queueTurn();
  }

  /** A step for `pollable`, not before the caller has returned to the event loop. */
  ask(pollable: Pollable): void {
    this.#ready.add(pollable);
    this.#queueTurn();
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#rest();
    this.#calls.close(this.#poll);
  }

  readonly #turn = (): void => {
    this.#isInTurn = true;
    try {
      for (let round = 0; round < roundsInTurn; round += 1) {
        if (!this.#isDisposed) this.#calls.poll(this.#poll, this.#note);
        if (this.#ready.size === 0) break;
        this.#stepAll();
      }
    } finally {
      this.#isInTurn = false;
      if (this.#ready.size > 0) this.#queueTurn();
      else if (this.#heard.size === 0) this.#rest();
    }
  };

  readonly #note = (token: number, events: number): void => {
    const pollable = this.#heard.get(token);
    if (pollable === undefined) return;
    pollable.note(events);
    this.#ready.add(pollable);
  };

  /** One step for each. When one throws, the others have theirs in the next turn. */
  #stepAll(): void {
    const batch = this.#ready;
    this.#ready = this.#spare;
    this.#spare = batch;
    try {
      for (const pollable of batch) {
        batch.delete(pollable);
        pollable.step();
      }
    } finally {
      for (const pollable of batch) this.#ready.add(pollable);
      batch.clear();
    }
  }

  #queueTurn(): void {
    if (this.#isTurnQueued || this.#isInTurn) return;
    this.#isTurnQueued = true;
    setImmediate(() => {
      this.#isTurnQueued = false;
      this.#turn();
    });
  }

  /** With nothing to be heard, the process may end. */
  #rest(): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
  }

  #nextToken(): number {
    do this.#lastToken = (this.#lastToken + 1) >>> 0;
    while (this.#heard.has(this.#lastToken));
    return this.#lastToken;
  }
}
