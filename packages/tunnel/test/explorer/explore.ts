/**
 * Every way in which some actors can go on, each step of one actor at a time, breadth first. What an actor is and what must hold are
 * arguments: an actor may look at all others to find its steps, and changes itself alone.
 */

export interface Local {
  /** Of this state among those of the same actor. */
  readonly id: number;
}

export interface Move<State extends Local> {
  readonly label: string;
  readonly to: State;
}

export interface Actor<State extends Local> {
  readonly start: State;
  /** The steps out of `own` that lead anywhere. */
  readonly moves: (own: State, all: readonly State[]) => readonly Move<State>[];
}

export interface Violation {
  /** "PROPERTY: WHO". */
  readonly what: string;
  /** The steps that lead there, from the start. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The first of each kind, in the fewest steps. */
  readonly violations: readonly Violation[];
}

export interface Limits {
  /** Throws beyond: a world that is not bounded as it was thought to be. */
  readonly states: number;
  /** Whether a violation is enough. */
  readonly isEnough?: (what: string) => boolean;
}

/** Which violations there are in a state. */
export type Check<State extends Local> = (all: readonly State[]) => readonly string[];

export function explore<State extends Local>(
  actors: readonly Actor<State>[],
  check: Check<State>,
  limits: Limits,
): Exploration {
  const found = new Found(actors.map(({ start }) => start));
  const violations = new Map<string, Violation>();
  let transitions = 0;
  for (let index = 0; index < found.states.length; index += 1) {
    const all = found.states[index] ?? [];
    for (const what of check(all)) {
      if (!violations.has(what)) violations.set(what, { what, trace: found.traceTo(index) });
      if (limits.isEnough?.(what)) return { states: index + 1, transitions, violations: [...violations.values()] };
    }
    for (const [place, actor] of actors.entries()) {
      const own = all[place];
      if (own === undefined) continue;
      for (const { label, to } of actor.moves(own, all)) {
        transitions += 1;
        found.add(all.with(place, to), index, label);
      }
    }
    if (found.states.length > limits.states) throw new RangeError(`more than ${limits.states} states`);
  }
  return { states: found.states.length, transitions, violations: [...violations.values()] };
}

class Found<State extends Local> {
  readonly states: (readonly State[])[] = [];
  readonly #seen = new Set<string>();
  readonly #from: number[] = [];
  readonly #labels: string[] = [];

  constructor(start: readonly State[]) {
    this.add(start, -1, "");
  }

  add(all: readonly State[], index: number, label: string): void {
    // As short as can be: there are millions.
    const key = String.fromCharCode(...all.flatMap(({ id }) => [id % 32_768, Math.floor(id / 32_768)]));
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.states.push(all);
    this.#from.push(index);
    this.#labels.push(label);
  }

  traceTo(last: number): readonly string[] {
    const trace: string[] = [];
    for (let at = last; at > 0; at = this.#from[at] ?? 0) trace.push(this.#labels[at] ?? "");
    return trace.reverse();
  }
}
