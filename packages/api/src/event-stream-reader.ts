/**
 * Cuts a stream of octets into server-sent events, by the rules of WHATWG HTML §9.2.6.
 * Reads whatever arrives; the only thing it refuses is an event that does not end.
 */
import { ApiError } from "./errors.ts";

export interface ServerSentEvent {
  /** The last id that the stream named; empty when it named none. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

const longestEvent = 32 * 1024 * 1024;

/** Push octets, get the events that they complete. Throws API_TOO_LARGE. */
export class EventStreamReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #id = "";
  #type = "";
  #data: string[] = [];
  #size = 0;

  push(chunk: Uint8Array): readonly ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (;;) {
      const end = this.#rest.indexOf("\n", start);
      if (end < 0) break;
      const line = this.#rest.slice(start, this.#rest[end - 1] === "\r" ? end - 1 : end);
      start = end + 1;
      const event = this.#line(line);
      if (event !== undefined) events.push(event);
    }
    this.#rest = this.#rest.slice(start);
    if (this.#rest.length + this.#size > longestEvent) {
      throw new ApiError(
        "API_TOO_LARGE",
        `one event is larger than ${longestEvent} characters; this is no Ropewalk node`,
      );
    }
    return events;
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "event") this.#type = value;
    else if (field === "data") {
      this.#data.push(value);
      this.#size += value.length;
    }
    return undefined;
  }

  #dispatch(): ServerSentEvent | undefined {
    const event = { id: this.#id, type: this.#type, data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    this.#size = 0;
    return isEmpty ? undefined : event;
  }
}
