/**
 * One TCP connection over a descriptor of our own. The kernel is asked, and believed, in its own order: octets, then the end
 * or the error; so a reset is never taken for an end, and nothing that came before it is lost.
 */
import { getSystemErrorName } from "node:util";
import { InternalError } from "@ropewalk/kernel/errors";
import type { TcpClosed, TcpConnection, TcpEndpoint, TcpEvents, TcpInfo } from "../tcp.ts";
import { ERRNO, isLittleEndian } from "./native.ts";
import { EPOLL, type TcpCalls } from "./native-tcp.ts";
import type { Pollable, Readiness } from "./readiness.ts";
import { SO, SOL_SOCKET, SOL_TCP, TCP } from "./socket-options.ts";
import { decodeTcpInfo } from "./tcp-info.ts";
import { UnsentParts } from "./unsent-parts.ts";

/** TIOCOUTQ and SIOCOUTQNSD. Source: asm-generic/ioctls.h, linux/sockios.h. */
const SIOCOUTQ = 0x5411n;
const SIOCOUTQNSD = 0x894bn;

/** Until something must wait, nobody asks whether it could be written: that would be told with every connection. */
const whileReading = (EPOLL.IN | EPOLL.RDHUP | EPOLL.ET) >>> 0;
const whileBoth = (whileReading | EPOLL.OUT) >>> 0;
/** After one of these the kernel may have more to say than octets. */
const beyondOctets = EPOLL.RDHUP | EPOLL.HUP | EPOLL.ERR;

export interface ConnectionStart {
  readonly remote: TcpEndpoint;
  readonly local: TcpEndpoint;
  /** Read of it already. */
  readonly early?: readonly Uint8Array[];
  /** Who connected it has registered it, for writing too. */
  readonly token?: number | undefined;
}

export interface TcpDeps {
  readonly calls: TcpCalls;
  readonly readiness: Readiness;
}

export class LinuxTcpConnection implements TcpConnection, Pollable {
  readonly remote: TcpEndpoint;
  readonly local: TcpEndpoint;
  readonly #calls: TcpCalls;
  readonly #readiness: Readiness;
  readonly #unsent: UnsentParts;
  #early: readonly Uint8Array[];
  /** -1 when closed. */
  #fd: number;
  #token: number;
  #events: TcpEvents | undefined;
  #isHeardForWriting: boolean;
  #isReadable: boolean;
  #isPaused = false;
  /** Octets may be followed by an end or an error: reading goes on until it is told. */
  #hasMoreThanOctets = false;
  #hasEnded = false;
  #hasFinished = false;
  /** A write met it, or it came behind the end. Told when what came before it is read. */
  #failure: string | undefined;
  #closed: TcpClosed | undefined;
  #hasTold = false;

  /** Owns `fd`, also when this throws. */
  constructor(deps: TcpDeps, fd: number, start: ConnectionStart) {
    this.#calls = deps.calls;
    this.#readiness = deps.readiness;
    this.#unsent = new UnsentParts(deps.calls);
    this.#fd = fd;
    this.remote = start.remote;
    this.local = start.local;
    this.#early = start.early?.filter((octets) => octets.length > 0) ?? [];
    this.#isReadable = this.#early.length > 0;
    this.#isHeardForWriting = start.token !== undefined;
    try {
      this.#token = start.token ?? deps.readiness.add(fd, whileReading, this);
    } catch (error) {
      deps.calls.close(fd);
      throw error;
    }
    if (start.token !== undefined) deps.readiness.give(start.token, this);
  }

  start(events: TcpEvents): void {
    if (this.#events !== undefined) throw new InternalError("a TCP connection was started twice");
    this.#events = events;
    if (this.#isReadable || this.#closed !== undefined) this.#readiness.ask(this);
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#fd < 0) return false;
    if (this.#events === undefined || this.#hasFinished || !this.#unsent.isEmpty)
      throw new InternalError("a TCP connection was written to before its start, before onWritable, or after finish");
    if (this.#failure !== undefined) return false;
    this.#unsent.take(parts);
    return this.#push();
  }

  finish(): void {
    if (this.#fd < 0 || this.#hasFinished) return;
    this.#hasFinished = true;
    if (this.#unsent.isEmpty) this.#sendFin();
  }

  reset(): void {
    if (this.#fd < 0) return;
    this.#calls.setOption(this.#fd, SOL_SOCKET, SO.LINGER, 1, 0);
    this.#close({ kind: "ended" });
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#fd >= 0 && this.#isReadable) this.#readiness.ask(this);
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
    this.#readiness.remove(fd, this.#token);
    this.#fd = -1;
    return fd;
  }

  [Symbol.dispose](): void {
    this.#close({ kind: "ended" });
  }

  note(events: number): void {
    if ((events & (EPOLL.IN | beyondOctets)) !== 0) this.#isReadable = true;
    if ((events & beyondOctets) !== 0) this.#hasMoreThanOctets = true;
  }

  step(): void {
    if (this.#events === undefined) return;
    if (this.#fd >= 0 && !this.#unsent.isEmpty) this.#goOnWriting(this.#events);
    if (this.#fd >= 0 && this.#isReadable && !this.#isPaused) this.#read(this.#events);
    if (this.#fd >= 0 && this.#failure !== undefined && (this.#isPaused || !this.#isReadable))
      this.#close({ kind: "failed", code: this.#failure });
    if (this.#fd >= 0 && this.#isReadable && !this.#isPaused) this.#readiness.ask(this);
    this.#tellClosed();
  }

  #goOnWriting(events: TcpEvents): void {
    if (!this.#push()) return;
    if (this.#hasFinished) this.#sendFin();
    events.onWritable();
  }

  /** Whether the kernel has all; if not, it tells when it wants more. */
  #push(): boolean {
    const result = this.#unsent.push(this.#fd);
    if (result < 0) {
      this.#unsent.drop();
      this.#fail(result);
      // What came before the reset is still to be read.
      this.#isReadable = true;
      return false;
    }
    if (this.#unsent.isEmpty) return true;
    if (!this.#isHeardForWriting) {
      this.#isHeardForWriting = true;
      this.#readiness.change(this.#fd, this.#token, whileBoth);
    }
    return false;
  }

  #read(events: TcpEvents): void {
    if (this.#hasEnded) {
      this.#lookBehindEnd();
      return;
    }
    const room = events.room();
    if (this.#fd < 0) return;
    if (room === undefined) {
      this.#isPaused = true;
      return;
    }
    if (room.length === 0) throw new InternalError("a TCP connection was given no room to read into");
    const isEarly = this.#early.length > 0;
    const octets = isEarly ? this.#takeEarly(room) : this.#calls.receive(this.#fd, room);
    if (octets > 0) {
      // Less than there is room for is all that the kernel had.
      if (octets < room.length && !this.#hasMoreThanOctets && !isEarly) this.#isReadable = false;
      events.onOctets(octets === room.length ? room : room.subarray(0, octets));
    } else if (octets === 0) {
      this.#end(events);
    } else if (octets === -ERRNO.EAGAIN) {
      this.#isReadable = false;
    } else if (octets !== -ERRNO.EINTR) {
      this.#fail(octets);
      this.#isReadable = false;
    }
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
      this.#isReadable = false;
      return;
    }
    this.#hasEnded = true;
    events.onEnd();
    if (this.#fd < 0) return;
    this.#lookBehindEnd();
    if (this.#hasFinished && this.#unsent.isEmpty) this.#close({ kind: "ended" });
  }

  /** A reset may follow the peer's FIN: whoever closes without having read all answers so to what comes later. */
  #lookBehindEnd(): void {
    this.#isReadable = false;
    const option = this.#calls.getOption(this.#fd, SOL_SOCKET, SO.ERROR);
    const error = typeof option === "number" ? -option : option.getInt32(0, isLittleEndian);
    if (error !== 0) this.#fail(-error);
  }

  #sendFin(): void {
    this.#calls.finish(this.#fd);
    if (this.#hasEnded) this.#close({ kind: "ended" });
  }

  #fail(result: number): void {
    // So the kernel names a reset that comes behind a FIN.
    this.#failure ??= result === -ERRNO.EPIPE ? "ECONNRESET" : getSystemErrorName(result);
    this.#readiness.ask(this);
  }

  #close(how: TcpClosed): void {
    if (this.#fd < 0) return;
    this.#readiness.remove(this.#fd, this.#token);
    this.#calls.close(this.#fd);
    this.#fd = -1;
    this.#unsent.drop();
    this.#early = [];
    this.#closed = how;
    this.#readiness.ask(this);
  }

  #tellClosed(): void {
    const how = this.#closed;
    if (how === undefined || this.#hasTold) return;
    this.#hasTold = true;
    this.#events?.onClosed(how);
  }
}
