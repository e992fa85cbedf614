/** Streams that wait, in the order in which they came. Each knows its neighbours, so that one leaves at no cost wherever it stands. */
import type { Stream } from "./stream.ts";

export class StreamQueue {
  #first: Stream | undefined;
  #last: Stream | undefined;

  get first(): Stream | undefined {
    return this.#first;
  }

  /** It is in no queue. */
  push(stream: Stream): void {
    stream.before = this.#last;
    if (this.#last === undefined) this.#first = stream;
    else this.#last.behind = stream;
    this.#last = stream;
  }

  /** It is in this queue. */
  remove(stream: Stream): void {
    if (stream.before === undefined) this.#first = stream.behind;
    else stream.before.behind = stream.behind;
    if (stream.behind === undefined) this.#last = stream.before;
    else stream.behind.before = stream.before;
    stream.before = stream.behind = undefined;
  }
}
