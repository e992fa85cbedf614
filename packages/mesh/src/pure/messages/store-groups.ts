/** What is asked of the store in one turn goes to it as one group, and who asked is told what came of it. */
import type { Millis } from "@ropewalk/kernel/units";
import type { StoreCall } from "./store-call.ts";
import { isRelief, type StoreAnswer, type StoreOperation } from "./store-operations.ts";
import type { StoreQuestion, StoreReading, StoreReply } from "./store-questions.ts";

/** For the shell: to be done, and answered under the same number. */
export type StoreOutput =
  | { readonly kind: "write"; readonly call: number; readonly operations: readonly StoreOperation[] }
  | { readonly kind: "read"; readonly call: number; readonly question: StoreQuestion };

/** A group is done whole or not at all: what has nothing to do with each other is not to wait for much of it. */
const mostOfGroup = 128;

interface Call {
  readonly operation: StoreOperation;
  readonly then: Parameters<StoreCall>[1];
}

type OnRead = (now: Millis, reading: StoreReading<StoreReply[StoreQuestion["kind"]]>) => void;

export class StoreGroups {
  readonly #emit: (output: StoreOutput) => void;
  readonly #writing = new Map<number, readonly Call[]>();
  readonly #reading = new Map<number, OnRead>();
  #calls: Call[] = [];
  #last = 0;

  constructor(emit: (output: StoreOutput) => void) {
    this.#emit = emit;
  }

  readonly call: StoreCall = (operation, then) => {
    this.#calls.push({ operation, then });
    if (this.#calls.length >= mostOfGroup) this.flush();
  };

  read<Question extends StoreQuestion>(
    question: Question,
    then: (now: Millis, reading: StoreReading<StoreReply[Question["kind"]]>) => void,
  ): void {
    // What was written before is to be seen.
    this.flush();
    this.#last += 1;
    this.#reading.set(this.#last, then as OnRead);
    this.#emit({ kind: "read", call: this.#last, question });
  }

  /** At the end of a turn. */
  flush(): void {
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length > 0) this.#write(calls);
  }

  written(now: Millis, call: number, answer: StoreAnswer): void {
    const calls = this.#writing.get(call) ?? [];
    this.#writing.delete(call);
    const removing = answer.kind === "refused" && answer.reason === "full" ? removingOf(calls) : [];
    if (removing.length > 0) this.#write(removing);
    for (const [index, one] of calls.entries())
      if (answer.kind === "committed") one.then?.(now, "durable", answer.outcomes[index]);
      else if (!removing.includes(one)) one.then?.(now, "refused", { kind: "refused", reason: answer.reason });
  }

  answered(now: Millis, call: number, reading: Parameters<OnRead>[1]): void {
    const then = this.#reading.get(call);
    this.#reading.delete(call);
    then?.(now, reading);
  }

  #write(calls: readonly Call[]): void {
    this.#last += 1;
    this.#writing.set(this.#last, calls);
    const operations = lastStates(calls.map(({ operation }) => operation));
    this.#emit({ kind: "write", call: this.#last, operations });
  }
}

/** What only removes, of calls of which others do not: on a full disk it goes on in a group of its own, and is told behind the others. */
function removingOf(calls: readonly Call[]): readonly Call[] {
  const removing = calls.filter(({ operation }) => isRelief(operation));
  return removing.length < calls.length ? removing : [];
}

/** Of what is received of one chain only the last brings its state: the others' would be written over in the same transaction. */
function lastStates(operations: readonly StoreOperation[]): readonly StoreOperation[] {
  const [chains, states] = [new Set<string>(), operations.slice()];
  for (let index = states.length - 1; index >= 0; index -= 1) {
    const operation = states[index];
    if (operation?.kind !== "receive" || operation.chain === undefined) continue;
    const { sender, opening } = operation.chain;
    const name = `${sender} ${opening.toHex()}`;
    if (chains.has(name)) states[index] = { ...operation, chain: undefined };
    chains.add(name);
  }
  return states;
}
