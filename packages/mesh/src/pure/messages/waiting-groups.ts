/**
 * Group commit: what comes while a batch is under way is the next batch, as far as one may be large. More than the bounds is refused,
 * but that one group is always taken where none waits, however large it is.
 */

export interface GroupWeight {
  readonly operations: number;
  /** Octets that it holds. */
  readonly octets: number;
}

export interface WaitingBounds {
  /** Of all that wait. */
  readonly waiting: GroupWeight;
  /** Of one batch. */
  readonly batch: GroupWeight;
}

interface Waiting<Group> {
  readonly group: Group;
  readonly weight: GroupWeight;
}

export class WaitingGroups<Group> {
  readonly #bounds: WaitingBounds;
  #waiting: Waiting<Group>[] = [];
  #first = 0;
  #operations = 0;
  #octets = 0;

  constructor(bounds: WaitingBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#waiting.length - this.#first;
  }

  /** Whether it waits now; else it is to be refused. */
  offer(group: Group, weight: GroupWeight): boolean {
    const { waiting } = this.#bounds;
    const isOver =
      this.#operations + weight.operations > waiting.operations || this.#octets + weight.octets > waiting.octets;
    if (this.size > 0 && isOver) return false;
    this.#waiting.push({ group, weight });
    this.#operations += weight.operations;
    this.#octets += weight.octets;
    return true;
  }

  /** The next batch, in the order in which they came; none where nothing waits. */
  take(): readonly Group[] {
    const { batch } = this.#bounds;
    const taken: Group[] = [];
    let [operations, octets] = [0, 0];
    for (let next = this.#waiting[this.#first]; next !== undefined; next = this.#waiting[this.#first]) {
      operations += next.weight.operations;
      octets += next.weight.octets;
      if (taken.length > 0 && (operations > batch.operations || octets > batch.octets)) break;
      taken.push(next.group);
      this.#first += 1;
      this.#operations -= next.weight.operations;
      this.#octets -= next.weight.octets;
    }
    this.#forget();
    return taken;
  }

  /** What was taken is let go of, at a cost that is small for each. */
  #forget(): void {
    if (this.#first < this.#waiting.length / 2) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
