/** How far each part of a simulated mesh has come, in steps, and waiting for those that are behind. */

export class Pace {
  readonly #done: Int32Array<SharedArrayBuffer>;
  readonly #own: number;

  /** `done`: the steps of each part by its number, shared by all. */
  constructor(done: Int32Array<SharedArrayBuffer>, own: number) {
    this.#done = done;
    this.#own = own;
  }

  /** That this part has done. */
  get steps(): number {
    return Atomics.load(this.#done, this.#own);
  }

  /** Until all have done so many. */
  await(steps: number): void {
    for (let part = 0; part < this.#done.length; part += 1)
      for (;;) {
        const done = Atomics.load(this.#done, part);
        if (done >= steps) break;
        Atomics.wait(this.#done, part, done);
      }
  }

  /** One step more. */
  step(): void {
    Atomics.add(this.#done, this.#own, 1);
    Atomics.notify(this.#done, this.#own);
  }
}

/** Of so many parts that begin. */
export function atTheStart(parts: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(parts * Int32Array.BYTES_PER_ELEMENT));
}
