/**
 * One end of a TCP connection in memory. Nothing is told of its own accord: a test takes one `step` at a time, or lets all that is
 * under way come to pass with `settle`.
 */
import type { TcpClosed, TcpConnection, TcpEndpoint, TcpEvents } from "@ropewalk/host/tcp";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { joined } from "@ropewalk/kernel/bytes";

const nowhere: TcpEndpoint = { address: ipAddress("127.0.0.1"), port: 1 };

export class WireEnd implements TcpConnection {
  /** What its kernel was to hold at most, one after the other. */
  readonly bounds: number[] = [];
  readonly remote: TcpEndpoint = nowhere;
  readonly local: TcpEndpoint = nowhere;
  /** Octets that may be on their way to it before whoever writes has to wait. */
  capacity: number = Number.POSITIVE_INFINITY;
  fate: "open" | "reset" | "closed" = "open";
  #peer: WireEnd = this;
  #events: TcpEvents | undefined;
  #incoming: Uint8Array = new Uint8Array();
  #isPaused = false;
  #isPending = false;
  #hasEnded = false;
  #hasFinished = false;
  #isReset = false;
  #closed: TcpClosed | undefined;
  #hasTold = false;

  static pair(): readonly [WireEnd, WireEnd] {
    const [one, other] = [new WireEnd(), new WireEnd()];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  /** Octets that lie in front of it. */
  get unread(): number {
    return this.#incoming.length;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  start(events: TcpEvents): void {
    if (this.#events !== undefined) throw new Error("started twice");
    this.#events = events;
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#closed !== undefined) return false;
    if (this.#events === undefined || this.#isPending || this.#hasFinished) throw new Error("written out of turn");
    const peer = this.#peer;
    if (peer.#closed === undefined) peer.#incoming = joined(peer.#incoming, ...parts);
    this.#isPending = peer.#incoming.length > peer.capacity;
    return !this.#isPending;
  }

  finish(): void {
    if (this.#closed !== undefined) return;
    this.#hasFinished = true;
    if (this.#hasEnded) this.#close({ kind: "ended" }, "closed");
  }

  reset(last: readonly Uint8Array[] = []): void {
    if (this.#closed !== undefined) return;
    this.#close({ kind: "ended" }, "reset");
    const peer = this.#peer;
    peer.#isReset = true;
    const room = Math.max(0, peer.capacity - peer.#incoming.length);
    if (peer.#closed === undefined) peer.#incoming = joined(peer.#incoming, joined(...last).subarray(0, room));
  }

  [Symbol.dispose](): void {
    if (this.#closed !== undefined) return;
    this.#hasFinished = true;
    this.#close({ kind: "ended" }, "closed");
  }

  resume(): void {
    this.#isPaused = false;
  }

  unsent(): number {
    return 0;
  }

  unacknowledged(): number {
    return 0;
  }

  boundUnsent(octets: number): void {
    this.bounds.push(octets);
  }

  info(): undefined {
    return undefined;
  }

  release(): number {
    return -1;
  }

  /** The next thing that happens to it; false where nothing does. */
  step(): boolean {
    const events = this.#events;
    if (events === undefined || this.#hasTold) return false;
    if (this.#closed !== undefined) return this.#tellClosed(events, this.#closed);
    if (this.#isPending && this.#peer.#incoming.length === 0 && !this.#peer.#isPaused) {
      this.#isPending = false;
      events.onWritable();
      return true;
    }
    if (this.#incoming.length > 0) return !this.#isPaused && this.#read(events);
    if (this.#isReset) {
      this.#close({ kind: "failed", code: "ECONNRESET" }, "closed");
      return true;
    }
    if (this.#hasEnded || !this.#peer.#hasFinished) return false;
    this.#hasEnded = true;
    events.onEnd();
    if (this.#hasFinished) this.#close({ kind: "ended" }, "closed");
    return true;
  }

  #read(events: TcpEvents): boolean {
    const room = events.room();
    if (room === undefined) {
      this.#isPaused = true;
      return false;
    }
    const octets = this.#incoming.subarray(0, room.length);
    room.set(octets);
    this.#incoming = this.#incoming.slice(octets.length);
    events.onOctets(room.subarray(0, octets.length));
    return true;
  }

  #tellClosed(events: TcpEvents, closed: TcpClosed): boolean {
    this.#hasTold = true;
    events.onClosed(closed);
    return true;
  }

  #close(how: TcpClosed, fate: "reset" | "closed"): void {
    this.#closed = how;
    this.fate = fate;
    this.#incoming = new Uint8Array();
  }
}

/** All that is under way comes to pass. */
export function settle(...ends: readonly WireEnd[]): void {
  for (let steps = 0; ends.some((end) => end.step()); steps += 1) {
    if (steps > 1_000_000) throw new Error("it never comes to rest");
  }
}
