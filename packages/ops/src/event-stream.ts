/**
 * Streams an event log to HTTP readers as server-sent events. An event is written to every reader before `append`
 * returns; a reader who does not keep up is cut off and may resume, so that no reader costs unbounded memory.
 */
import type { ServerResponse } from "node:http";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Bytes, kibibytes, type Millis, seconds } from "@ropewalk/kernel/units";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import { encodeServerSentEvent, heartbeatComment, type ServerSentEvent } from "./pure/server-sent-event.ts";

export interface EventStreamOptions<T> {
  readonly log: EventLog<T>;
  /** The whole picture, from which a new reader begins. Taken while nothing else runs, so no event is between it and the stream. */
  readonly snapshot: () => ServerSentEvent;
  readonly encode: (event: T) => Omit<ServerSentEvent, "id">;
  readonly clock: Clock;
  readonly limits?: Partial<EventStreamLimits>;
}

export interface EventStreamLimits {
  /** Octets that may wait for one reader for as long as `patience`. */
  readonly unsent: Bytes;
  readonly patience: Millis;
  /** Octets that may wait for one reader at all: many events in one turn reach nobody before the turn ends. */
  readonly burst: Bytes;
  readonly heartbeat: Millis;
  readonly readers: number;
}

const defaultLimits: EventStreamLimits = {
  unsent: kibibytes(256),
  patience: seconds(1),
  burst: kibibytes(2_048),
  heartbeat: seconds(15),
  readers: 32,
};

interface Reader {
  /** The size of what the reader began with, however large the picture is: only what comes after it can pile up. */
  readonly beginning: number;
  /** Runs while more waits for the reader than may wait for long. */
  patience: Timer | undefined;
}

export class EventStream<T> implements Disposable {
  readonly #options: EventStreamOptions<T>;
  readonly #limits: EventStreamLimits;
  readonly #readers = new Map<ServerResponse, Reader>();
  readonly #listening: Disposable;
  #heartbeat: Timer | undefined;
  #cutOff = 0;

  constructor(options: EventStreamOptions<T>) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#listening = options.log.listen((logged) => this.#broadcast(this.#encode(logged)));
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Readers who were cut off because they did not keep up. */
  get cutOff(): number {
    return this.#cutOff;
  }

  /**
   * Answers a request with the stream: the events after `lastEventId` when they are all kept, else a snapshot, then what
   * happens. False, and nothing written, when there are as many readers as there may be.
   */
  open(response: ServerResponse, lastEventId: string | undefined): boolean {
    if (this.#readers.size >= this.#limits.readers) return false;
    response.socket?.setNoDelay(true);
    // A reader with nothing to say is alive: the bounds on unsent octets replace the idle timeout.
    response.socket?.setTimeout(0);
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    response.on("error", () => {});
    response.once("close", () => this.#remove(response));
    const beginning = this.#beginning(lastEventId);
    this.#readers.set(response, { beginning: Buffer.byteLength(beginning), patience: undefined });
    writeNow(response, beginning);
    this.#scheduleHeartbeat();
    return true;
  }

  /** Ends every stream; readers may connect elsewhere. */
  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    for (const response of this.#readers.keys()) {
      this.#remove(response);
      response.end();
    }
  }

  #beginning(lastEventId: string | undefined): string {
    const missed = lastEventId === undefined ? "gone" : this.#options.log.since(lastEventId);
    if (missed === "gone") return encodeServerSentEvent({ ...this.#options.snapshot(), id: this.#options.log.latest });
    // Also when nothing was missed something is sent, so that the reader sees its headers at once.
    return missed.length === 0 ? heartbeatComment : missed.map((logged) => this.#encode(logged)).join("");
  }

  #encode(logged: LoggedEvent<T>): string {
    return encodeServerSentEvent({ ...this.#options.encode(logged.event), id: logged.id });
  }

  #broadcast(text: string): void {
    for (const [response, reader] of this.#readers) {
      writeNow(response, text);
      const waiting = response.writableLength - reader.beginning;
      if (waiting > this.#limits.burst) this.#cut(response);
      else if (waiting > this.#limits.unsent) this.#losePatience(response, reader);
    }
  }

  #losePatience(response: ServerResponse, reader: Reader): void {
    reader.patience ??= this.#options.clock.after("event stream patience", this.#limits.patience, () => {
      reader.patience = undefined;
      if (response.writableLength - reader.beginning > this.#limits.unsent) this.#cut(response);
    });
  }

  #cut(response: ServerResponse): void {
    this.#cutOff += 1;
    this.#remove(response);
    response.destroy();
  }

  #remove(response: ServerResponse): void {
    this.#readers.get(response)?.patience?.[Symbol.dispose]();
    this.#readers.delete(response);
    if (this.#readers.size > 0) return;
    this.#heartbeat?.[Symbol.dispose]();
    this.#heartbeat = undefined;
  }

  /** One timer for all readers, and none while there are none. */
  #scheduleHeartbeat(): void {
    this.#heartbeat ??= this.#options.clock.after("event stream heartbeat", this.#limits.heartbeat, () => {
      this.#heartbeat = undefined;
      this.#broadcast(heartbeatComment);
      if (this.#readers.size > 0) this.#scheduleHeartbeat();
    });
  }
}

/** Node holds what is written to a response until the end of the turn, unless the writer corks: an event is not to wait for that. */
function writeNow(response: ServerResponse, text: string): void {
  response.cork();
  response.write(text);
  response.uncork();
}
