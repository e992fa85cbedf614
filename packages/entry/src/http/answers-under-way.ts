/** Answers under way, each with a signal of its own that also entry's stop aborts: a signal made of two costs as much as the rest of a route. */
export class AnswersUnderWay {
  readonly #limits = new Set<AbortController>();
  #reason: Error | undefined;

  /** Disposed when it is answered. One that begins behind the stop is aborted at once. */
  begin(): AnswerUnderWay {
    const limit = new AbortController();
    this.#limits.add(limit);
    if (this.#reason !== undefined) limit.abort(this.#reason);
    return {
      signal: limit.signal,
      abort: (reason) => limit.abort(reason),
      [Symbol.dispose]: () => void this.#limits.delete(limit),
    };
  }

  stop(reason: Error): void {
    this.#reason = reason;
    for (const limit of this.#limits) limit.abort(reason);
  }
}

export interface AnswerUnderWay extends Disposable {
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
}
