/**
 * An application's TCP connection on one side, a stream of the session on the other. What the application's end does to its connection
 * (octets, FIN, RST) the stream is told, and what the stream is told the connection does. It holds what the application does not take,
 * which is bounded by the credit that the stream was given.
 */
import type { TcpClosed, TcpConnection, TcpEvents } from "@ropewalk/host/tcp";
import { WaitingOctets } from "../pure/waiting-octets.ts";
import type { ReadSlab } from "./read-slab.ts";

/** One stream of a session, as its application's connection sees it. */
export interface PipedStream {
  /** Octets that it takes now. */
  room(): number;
  write(octets: Uint8Array): void;
  finish(): void;
  /** The application has aborted it. */
  abort(): void;
  /** The application has `count` more octets. */
  taken(count: number): void;
}

/**
 * What the kernel may hold for an application besides what its window takes. On loopback it would be megabytes, and of a thousand
 * applications that do not read more than the kernel has for all connections of the machine, which then stand still together: it is
 * little until an application has shown that it reads.
 */
const mostUnsent = { atFirst: 262_144, ofReaders: 4_194_304 } as const;
/** As much as is read at a time. */
const longestRead = 524_288;

export class Pipe implements TcpEvents {
  readonly #stream: PipedStream;
  readonly #slab: ReadSlab;
  #connection: TcpConnection | undefined;
  /** For the application, which has not taken it. */
  readonly #waiting = new WaitingOctets();
  /** Octets that the connection is taking now. */
  #moving = 0;
  /** It has taken what it did not take at once. */
  #hasRead = false;
  #isPaused = false;
  /** The peer sends nothing more; the connection is told so behind what waits. */
  #isEnded = false;
  #isFinished = false;
  #isOver = false;

  constructor(stream: PipedStream, slab: ReadSlab) {
    this.#stream = stream;
    this.#slab = slab;
  }

  /** Takes the connection over; until then everything waits. */
  attach(connection: TcpConnection): void {
    if (this.#isOver) {
      connection.reset();
      return;
    }
    this.#connection = connection;
    connection.boundUnsent(mostUnsent.atFirst);
    connection.start(this);
    this.#move();
  }

  /** Octets of the peer's; what the connection does not take at once is copied. */
  deliver(octets: Uint8Array): void {
    if (this.#isOver) return;
    const isIdle = this.#connection !== undefined && this.#moving === 0 && this.#waiting.length === 0;
    if (isIdle) this.#give(octets);
    else this.#waiting.push(octets);
  }

  /** The peer sends nothing more. */
  end(): void {
    this.#isEnded = true;
    this.#move();
  }

  /** There is room again in the stream. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection?.resume();
  }

  /** The stream is over before its time: so is the connection, behind what it takes at once of what came before that. */
  reset(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const last = this.#waiting.takeAll();
    this.#connection?.reset(last);
  }

  room(): Uint8Array | undefined {
    const room = Math.min(longestRead, this.#stream.room());
    if (room > 0) return this.#slab.room(room);
    this.#isPaused = true;
    return undefined;
  }

  onOctets(octets: Uint8Array): void {
    this.#slab.filled(octets.length);
    this.#stream.write(octets);
  }

  onEnd(): void {
    this.#stream.finish();
  }

  onWritable(): void {
    if (!this.#hasRead) this.#connection?.boundUnsent(mostUnsent.ofReaders);
    this.#hasRead = true;
    const length = this.#moving;
    this.#moving = 0;
    this.#stream.taken(length);
    this.#move();
  }

  onClosed(how: TcpClosed): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.clear();
    if (how.kind === "failed") this.#stream.abort();
  }

  #give(octets: Uint8Array): void {
    if (this.#connection?.write([octets], "copied") === true) this.#stream.taken(octets.length);
    else this.#moving = octets.length;
  }

  /** To the application, as long as it takes it. */
  #move(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#moving > 0 || this.#isOver) return;
    while (this.#moving === 0) {
      const octets = this.#waiting.take();
      if (octets === undefined) break;
      this.#give(octets);
    }
    if (this.#moving > 0 || !this.#isEnded || this.#isFinished) return;
    this.#isFinished = true;
    connection.finish();
  }
}
