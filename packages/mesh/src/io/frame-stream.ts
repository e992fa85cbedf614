/**
 * Frames over one connection of octets that has been proved: cut from what is read, and written several in one piece. While the
 * connection takes no more, frames wait in a bounded queue that says what gives way; while a turn of the event loop has no time for what
 * is read, no more is.
 */
import type { Duplex } from "node:stream";
import { encodeFrames, FrameCutter } from "../pure/wire/frame-stream.ts";
import { longestFrame } from "../pure/wire/link-frame.ts";
import { type Dropped, SendQueue } from "../pure/wire/send-queue.ts";
import type { ReadingTurns } from "./reading-turns.ts";

/** Octets that wait here for a neighbour who reads more slowly than is said to him. */
const mostWaiting = 262_144;
/** Octets of one write: what fits into one record of TLS (RFC 8446 §5.1). */
const mostAtOnce = 16_384;
/** Octets between two looks at whether there is time for more: of the costliest frames, a millisecond or two. */
const betweenLooks = 1_024;

export type FrameStreamEnd =
  /** This end closed it. */
  | { readonly kind: "closed" }
  /** The other end did, or the connection broke: with the system's code where there is one. */
  | { readonly kind: "lost"; readonly code: string | undefined }
  /** What came is no frame. */
  | { readonly kind: "malformed" }
  /** The neighbour does not read, and more waits for it than may. */
  | { readonly kind: "overflow" };

export interface FrameStreamEvents {
  /** A view that is good until it returns: who keeps octets copies them. */
  readonly onFrame: (frame: Uint8Array) => void;
  /** Once, and last. */
  readonly onEnd: (end: FrameStreamEnd) => void;
}

export interface FrameStreamCounts {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly octetsIn: number;
  readonly octetsOut: number;
  readonly dropped: Readonly<Record<Dropped, number>>;
  /** Octets that wait. */
  readonly waiting: number;
}

export class FrameStream implements Disposable {
  readonly #stream: Duplex;
  readonly #events: FrameStreamEvents;
  readonly #turns: ReadingTurns;
  readonly #cutter = new FrameCutter();
  readonly #queue = new SendQueue(mostWaiting);
  #isFlushing = false;
  #isBlocked = false;
  #isOver = false;
  #isPaused = false;
  #isLost = false;
  /** What was read and is still to be cut. */
  #unread: Uint8Array | undefined;
  #framesIn = 0;
  #framesOut = 0;
  #octetsIn = 0;
  #octetsOut = 0;

  /** Takes the connection over, and closes it at its end. `turns` are those of all connections. */
  constructor(stream: Duplex, events: FrameStreamEvents, turns: ReadingTurns) {
    this.#stream = stream;
    this.#events = events;
    this.#turns = turns;
    stream.on("drain", () => this.#onDrain());
    stream.on("error", (error: NodeJS.ErrnoException) => this.#end({ kind: "lost", code: error.code }));
    stream.on("end", () => this.#onLost());
    stream.on("close", () => this.#onLost());
    stream.on("data", (octets: Buffer) => this.#onOctets(octets));
  }

  get counts(): FrameStreamCounts {
    return {
      framesIn: this.#framesIn,
      framesOut: this.#framesOut,
      octetsIn: this.#octetsIn,
      octetsOut: this.#octetsOut,
      dropped: { ...this.#queue.dropped },
      waiting: this.#queue.octets,
    };
  }

  /** Takes a frame over, of 1 to 4,096 octets; what is sent in one turn goes out together. */
  send(frame: Uint8Array): void {
    if (this.#isOver) return;
    if (frame.length < 1 || frame.length > longestFrame) throw new RangeError(`a frame has no ${frame.length} octets`);
    if (!this.#queue.push(frame)) {
      this.#end({ kind: "overflow" });
      return;
    }
    // What was sent first is not to give way to what is sent last in the same turn, while the connection takes it.
    if (this.#queue.octets >= mostAtOnce) this.#flush();
    if (this.#isFlushing || this.#isBlocked) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** Nothing more is read, but what was read already; the neighbour's own queue fills. */
  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#unread === undefined) this.#stream.resume();
  }

  /** At once; what waits is not sent. Tells of its end before it returns, unless it had ended. */
  [Symbol.dispose](): void {
    this.#end({ kind: "closed" });
  }

  #flush(): void {
    while (!this.#isOver && !this.#isBlocked && !this.#queue.isEmpty) {
      const frames = this.#queue.take(mostAtOnce);
      const octets = encodeFrames(frames);
      this.#framesOut += frames.length;
      this.#octetsOut += octets.length;
      this.#isBlocked = !this.#stream.write(octets);
    }
  }

  #onDrain(): void {
    this.#isBlocked = false;
    this.#flush();
  }

  #onOctets(octets: Uint8Array): void {
    if (this.#isOver) return;
    this.#octetsIn += octets.length;
    this.#read(octets);
  }

  /** For as long as the turn has time; what is left waits for another, and nothing more is read until then. */
  #read(octets: Uint8Array): void {
    for (let at = 0; at < octets.length && !this.#isOver; at += betweenLooks) {
      if (this.#turns.isOpen) this.#cut(octets.subarray(at, at + betweenLooks));
      else {
        this.#unread = octets.subarray(at);
        this.#stream.pause();
        this.#turns.wait(() => this.#goOn());
        return;
      }
    }
  }

  #goOn(): void {
    const octets = this.#unread;
    if (octets === undefined) return;
    this.#unread = undefined;
    this.#read(octets);
    if (this.#unread !== undefined) return;
    if (this.#isLost) this.#onLost();
    else if (!this.#isPaused) this.#stream.resume();
  }

  /** What came before it is told first. */
  #onLost(): void {
    this.#isLost = true;
    if (this.#unread === undefined) this.#end({ kind: "lost", code: undefined });
  }

  #cut(octets: Uint8Array): void {
    const isWhole = this.#cutter.cut(octets, (frame) => {
      if (this.#isOver) return;
      this.#framesIn += 1;
      this.#events.onFrame(frame);
    });
    if (!isWhole) this.#end({ kind: "malformed" });
  }

  #end(end: FrameStreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unread = undefined;
    this.#stream.destroy();
    this.#events.onEnd(end);
  }
}
