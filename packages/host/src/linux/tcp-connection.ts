/**
 * One TCP connection over a descriptor of our own. The kernel is asked, and believed, in its own order: octets, then the end
 * or the error; so a reset is never taken for an end, and nothing that came before it is lost.
 */
import { getSystemErrorName } from "node:util";
import { InternalError } from "@ropewalk/kernel/errors";
import type { TcpClosed, TcpConnection, TcpEndpoint, TcpEvents, TcpInfo } from "../tcp.ts";
import { ERRNO, isLittleEndian } from "./native.ts";
import { POLL, type Poll } from "./native-poll.ts";
import type { TcpCalls } from "./native-tcp.ts";
import type { Readiness, Stepping } from "./readiness.ts";
import { SO, SOL_SOCKET, SOL_TCP, TCP } from "./socket-options.ts";
import { decodeTcpInfo } from "./tcp-info.ts";
import { UnsentParts } from "./unsent-parts.ts";

/** TIOCOUTQ and SIOCOUTQNSD. Source: asm-generic/ioctls.h, linux/sockios.h. */
const SIOCOUTQ = 0x5411n;
const SIOCOUTQNSD = 0x894bn;

export interface ConnectionStart {
  readonly remote: TcpEndpoint;
  readonly local: TcpEndpoint;
  /** Read of it already. */
  readonly early?: readonly Uint8Array[];
}

export interface TcpDeps {
  readonly calls: TcpCalls;
  readonly readiness: Readiness;
}

export class LinuxTcpConnection implements TcpConnection, Stepping {
  readonly remote: TcpEndpoint;
  readonly local: TcpEndpoint;
  readonly #calls: TcpCalls;
  readonly #readiness: Readiness;
  readonly #unsent: UnsentParts;
  readonly #poll: Poll;
  #early: readonly Uint8Array[];
  /** -1 when closed. */
  #fd: number;
  #events: TcpEvents | undefined;
  /** What the poll listens for. */
  #interest = 0;
  #isPaused = false;
  #hasEnded = false;
  #hasFinished = false;
  /** A write met it, or it came behind the end. Told when what came before it is read. */
  #failure: string | undefined;
  #closed: TcpClosed | undefined;
  #hasTold = false;
  /** The poll has met an error and ended: the kernel is asked, without waiting, until it tells of it. */
  #isDoomed = false;

  /** Owns `fd`, also when this throws. */
  constructor(deps: TcpDeps, fd: number, start: ConnectionStart) {
    this.#calls = deps.calls;
    this.#readiness = deps.readiness;
    this.#unsent = new UnsentParts(deps.calls);
    this.#fd = fd;
    this.remote = start.remote;
    this.local = start.local;
    this.#early = start.early?.filter((octets) => octets.length > 0) ?? [];
    try {
      this.#poll = deps.readiness.poll(fd, (events) => this.#onReady(events));
    } catch (error) {
      deps.calls.close(fd);
      throw error;
    }
  }

  start(events: TcpEvents): void {
    if (this.#events !== undefined) throw new InternalError("a TCP connection was started twice");
    this.#events = events;
    if (this.#early.length > 0 || this.#closed !== undefined) this.#readiness.ask(this);
    this.#listen();
  }

  write(parts: readonly Uint8Array[], rest: "borrowed" | "copied" = "borrowed"): boolean {
    if (this.#fd < 0) return false;
    if (this.#events === undefined || this.#hasFinished || !this.#unsent.isEmpty)
      throw new InternalError("a TCP connection was written to before its start, before onWritable, or after finish");
    if (this.#failure !== undefined) return false;
    this.#unsent.take(parts);
    const isTaken = this.#push();
    if (!isTaken && rest === "copied") this.#unsent.keep();
    return isTaken;
  }

  finish(): void {
    if (this.#fd < 0 || this.#hasFinished) return;
    this.#hasFinished = true;
    if (this.#unsent.isEmpty) this.#sendFin();
  }

  reset(last: readonly Uint8Array[] = []): void {
    if (this.#fd < 0) return;
    // The peer may have made room since the kernel was asked. Whether this fails makes no difference any more.
    this.#unsent.append(last);
    this.#unsent.push(this.#fd);
    this.#calls.setOption(this.#fd, SOL_SOCKET, SO.LINGER, 1, 0);
    this.#close({ kind: "ended" });
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#early.length > 0 || this.#isDoomed) this.#readiness.ask(this);
    this.#listen();
  }

  unsent(): number {
    return Math.max(0, this.#calls.query(this.#fd, SIOCOUTQNSD));
  }

  unacknowledged(): number {
    return Math.max(0, this.#calls.query(this.#fd, SIOCOUTQ));
  }

  boundUnsent(bytes: number): void {
    this.#calls.setOption(this.#fd, SOL_TCP, TCP.NOTSENT_LOWAT, bytes);
  }

  info(): TcpInfo | undefined {
    const option = this.#calls.getOption(this.#fd, SOL_TCP, TCP.INFO);
    return typeof option === "number" ? undefined : decodeTcpInfo(option);
  }

  release(): number {
    if (this.#fd < 0 || !this.#unsent.isEmpty)
      throw new InternalError("a TCP connection was released when closed, or with a write pending");
    const fd = this.#fd;
    this.#fd = -1;
    this.#poll.end();
    return fd;
  }

  [Symbol.dispose](): void {
    this.#close({ kind: "ended" });
  }

  /** What was asked for: early octets, what an error has left, or the end of all. */
  step(): void {
    const events = this.#events;
    if (events === undefined) return;
    if (this.#fd >= 0) this.#advance(events);
    if (this.#fd < 0) this.#tellClosed(events);
  }

  #advance(events: TcpEvents): void {
    if (this.#isDoomed && !this.#unsent.isEmpty) this.#push();
    if (this.#failure !== undefined && (this.#isPaused || this.#hasEnded)) this.#close(this.#failed(this.#failure));
    else if (this.#hasEnded) this.#askForError();
    else if (!this.#isPaused) this.#read(events);
    const isUnderWay = this.#isDoomed || this.#failure !== undefined || this.#early.length > 0;
    if (this.#fd >= 0 && !this.#isPaused && isUnderWay) this.#readiness.ask(this);
  }

  #onReady(polled: number): void {
    const events = this.#events;
    if (events === undefined || this.#fd < 0) return;
    if (polled === 0 || (polled & POLL.PRIORITIZED) !== 0) {
      this.#isDoomed = true;
      this.#listen();
      this.#advance(events);
    } else {
      if ((polled & POLL.WRITABLE) !== 0 && !this.#unsent.isEmpty) this.#goOnWriting(events);
      if ((polled & POLL.READABLE) !== 0 && this.#fd >= 0 && !this.#isPaused && !this.#hasEnded) this.#read(events);
    }
    if (this.#fd < 0) this.#tellClosed(events);
  }

  /** Behind the end only errors can come, which are told with whatever is listened for. */
  #listen(): void {
    if (this.#fd < 0) return;
    const forReading = this.#isPaused || this.#events === undefined ? 0 : POLL.READABLE;
    const forWriting = this.#unsent.isEmpty ? 0 : POLL.WRITABLE;
    const interest = this.#isDoomed ? 0 : (this.#hasEnded ? POLL.PRIORITIZED : forReading) | forWriting;
    if (interest === this.#interest) return;
    this.#interest = interest;
    this.#poll.listen(interest);
  }

  #goOnWriting(events: TcpEvents): void {
    if (!this.#push()) return;
    if (this.#hasFinished) this.#sendFin();
    this.#listen();
    events.onWritable();
  }

  /** Whether the kernel has all; if not, it tells when it wants more. */
  #push(): boolean {
    const result = this.#unsent.push(this.#fd);
    if (result < 0) {
      this.#unsent.drop();
      this.#fail(result);
      return false;
    }
    this.#listen();
    return this.#unsent.isEmpty;
  }

  #read(events: TcpEvents): void {
    const room = events.room();
    if (this.#fd < 0) return;
    if (room === undefined) {
      this.#isPaused = true;
      this.#listen();
      return;
    }
    if (room.length === 0) throw new InternalError("a TCP connection was given no room to read into");
    const octets = this.#early.length > 0 ? this.#takeEarly(room) : this.#calls.receive(this.#fd, room);
    if (octets > 0) events.onOctets(octets === room.length ? room : room.subarray(0, octets));
    else if (octets === 0) this.#end(events);
    else this.#readNothing(octets);
  }

  #readNothing(result: number): void {
    if (result === -ERRNO.EINTR) return;
    if (result !== -ERRNO.EAGAIN) this.#fail(result);
    else if (this.#isDoomed) this.#askForError();
    if (this.#failure !== undefined && this.#fd >= 0) this.#close(this.#failed(this.#failure));
  }

  #takeEarly(room: Uint8Array): number {
    const [first = room, ...rest] = this.#early;
    const taken = first.subarray(0, room.length);
    room.set(taken);
    this.#early = taken.length === first.length ? rest : [first.subarray(taken.length), ...rest];
    return taken.length;
  }

  #end(events: TcpEvents): void {
    // The write that met the reset has taken the error with it; what is left looks like an end.
    if (this.#failure !== undefined) {
      this.#close(this.#failed(this.#failure));
      return;
    }
    this.#hasEnded = true;
    this.#listen();
    events.onEnd();
    if (this.#fd >= 0 && this.#isDoomed) this.#askForError();
    if (this.#hasFinished && this.#unsent.isEmpty) this.#close({ kind: "ended" });
  }

  /** A reset may follow the peer's FIN: whoever closes without having read all answers so to what comes later. */
  #askForError(): void {
    const option = this.#calls.getOption(this.#fd, SOL_SOCKET, SO.ERROR);
    const error = typeof option === "number" ? -option : option.getInt32(0, isLittleEndian);
    if (error !== 0 || this.#hasEnded) {
      this.#fail(error === 0 ? -ERRNO.EPIPE : -error);
      return;
    }
    this.#isDoomed = false;
    this.#listen();
  }

  #sendFin(): void {
    this.#calls.finish(this.#fd);
    if (this.#hasEnded) this.#close({ kind: "ended" });
  }

  /** So the kernel names a reset that comes behind a FIN: EPIPE. */
  #fail(result: number): void {
    this.#failure ??= result === -ERRNO.EPIPE ? "ECONNRESET" : getSystemErrorName(result);
    this.#readiness.ask(this);
  }

  #failed(code: string): TcpClosed {
    return { kind: "failed", code };
  }

  #close(how: TcpClosed): void {
    if (this.#fd < 0) return;
    this.#poll.end();
    this.#calls.close(this.#fd);
    this.#fd = -1;
    this.#unsent.drop();
    this.#early = [];
    this.#closed = how;
    this.#readiness.ask(this);
  }

  #tellClosed(events: TcpEvents): void {
    if (this.#closed === undefined || this.#hasTold) return;
    this.#hasTold = true;
    events.onClosed(this.#closed);
  }
}
