/** How far each part of a simulated mesh has come, in steps, and waiting for those that are behind. */

export class Pace {
  /** Of each part the steps that it has done, and behind them of each how many wait for it to do more. */
  readonly #shared: Int32Array<SharedArrayBuffer>;
  readonly #own: number;
  readonly #parts: number;

  /** `shared` by all parts: see atTheStart. */
  constructor(shared: Int32Array<SharedArrayBuffer>, own: number) {
    this.#shared = shared;
    this.#own = own;
    this.#parts = shared.length / 2;
  }

  /** That this part has done. */
  get steps(): number {
    return Atomics.load(this.#shared, this.#own);
  }

  /** Whether all have done so many. */
  have(steps: number): boolean {
    return this.#shared.subarray(0, this.#parts).every((done) => done >= steps);
  }

  /** Until all have done so many. */
  await(steps: number): void {
    for (let part = 0; part < this.#parts; part += 1)
      if (Atomics.load(this.#shared, part) < steps) this.#wait(part, steps);
  }

  /** One step more. */
  step(): void {
    Atomics.add(this.#shared, this.#own, 1);
    // To wake somebody is a call of the system. Who begins to wait now sees the step.
    if (Atomics.load(this.#shared, this.#parts + this.#own) > 0) Atomics.notify(this.#shared, this.#own);
  }

  #wait(part: number, steps: number): void {
    Atomics.add(this.#shared, this.#parts + part, 1);
    for (let done = Atomics.load(this.#shared, part); done < steps; done = Atomics.load(this.#shared, part))
      Atomics.wait(this.#shared, part, done);
    Atomics.sub(this.#shared, this.#parts + part, 1);
  }
}

/** Of so many parts that begin. */
export function atTheStart(parts: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(2 * parts * Int32Array.BYTES_PER_ELEMENT));
}
