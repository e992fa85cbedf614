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
  /** Octets that may wait for one reader before it is cut off. */
  readonly unsent: Bytes;
  readonly heartbeat: Millis;
  readonly readers: number;
}

const defaultLimits: EventStreamLimits = { unsent: kibibytes(256), heartbeat: seconds(15), readers: 32 };

export class EventStream<T> implements Disposable {
  readonly #options: EventStreamOptions<T>;
  readonly #limits: EventStreamLimits;
  readonly #readers = new Set<ServerResponse>();
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
    // The reader is alive as long as it takes what is written: the bound on unsent octets replaces the idle timeout.
    response.socket?.setTimeout(0);
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    });
    response.on("error", () => {});
    response.once("close", () => this.#remove(response));
    this.#readers.add(response);
    this.#write(response, this.#beginning(lastEventId));
    this.#scheduleHeartbeat();
    return true;
  }

  /** Ends every stream; readers may connect elsewhere. */
  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#heartbeat?.[Symbol.dispose]();
    this.#heartbeat = undefined;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
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
    for (const reader of this.#readers) this.#write(reader, text);
  }

  #write(reader: ServerResponse, text: string): void {
    reader.write(text);
    if (reader.writableLength <= this.#limits.unsent) return;
    this.#cutOff += 1;
    this.#remove(reader);
    reader.destroy();
  }

  #remove(reader: ServerResponse): void {
    this.#readers.delete(reader);
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
