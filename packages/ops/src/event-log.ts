/**
 * The newest events of one run of a daemon, so that a reader who was cut off can go on where it stopped. Bounded: a
 * reader who stayed away too long is told that its events are gone, and begins again with a picture of the whole.
 */
import { InternalError } from "@ropewalk/kernel/errors";

/** `<epoch>-<sequence>`: the epoch names the run, so that an id of an earlier run is never taken for one of this. */
export type EventId = `${string}-${number}`;

export interface LoggedEvent<T> {
  readonly id: EventId;
  readonly event: T;
}

export interface EventLogOptions {
  /** Distinct for each run: letters and digits. */
  readonly epoch: string;
  /** How many events are kept. */
  readonly capacity: number;
}

export class EventLog<T> {
  readonly #epoch: string;
  readonly #capacity: number;
  /** Events by sequence modulo capacity. */
  readonly #ring: T[] = [];
  readonly #listeners = new Set<(logged: LoggedEvent<T>) => void>();
  #sequence = 0;

  constructor(options: EventLogOptions) {
    if (!/^[A-Za-z0-9]{1,32}$/.test(options.epoch))
      throw new InternalError(`"${options.epoch}" is no epoch of an event log`);
    if (!Number.isInteger(options.capacity) || options.capacity < 1) {
      throw new InternalError(`an event log cannot keep ${options.capacity} events`);
    }
    this.#epoch = options.epoch;
    this.#capacity = options.capacity;
  }

  /** The id of the newest event; sequence 0 before the first. */
  get latest(): EventId {
    return this.#id(this.#sequence);
  }

  /** Keeps the event, and hands it to every listener before it returns. A listener must not throw. */
  append(event: T): EventId {
    this.#sequence += 1;
    this.#ring[this.#sequence % this.#capacity] = event;
    const logged = { id: this.latest, event };
    for (const listener of [...this.#listeners]) listener(logged);
    return logged.id;
  }

  /** The events after `id`, oldest first; "gone" when they are not all here, or when `id` is none of this log's. */
  since(id: string): readonly LoggedEvent<T>[] | "gone" {
    const sequence = this.#sequenceOf(id);
    if (sequence === undefined || sequence > this.#sequence || this.#sequence - sequence > this.#capacity)
      return "gone";
    return Array.from({ length: this.#sequence - sequence }, (_, index) => this.#at(sequence + 1 + index));
  }

  /** Calls `listener` for each event from now on, until disposed. */
  listen(listener: (logged: LoggedEvent<T>) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #at(sequence: number): LoggedEvent<T> {
    return { id: this.#id(sequence), event: this.#ring[sequence % this.#capacity] as T };
  }

  #id(sequence: number): EventId {
    return `${this.#epoch}-${sequence}`;
  }

  #sequenceOf(id: string): number | undefined {
    const [, epoch, digits] = /^([A-Za-z0-9]{1,32})-(0|[1-9]\d{0,15})$/.exec(id) ?? [];
    return epoch === this.#epoch && digits !== undefined ? Number(digits) : undefined;
  }
}
