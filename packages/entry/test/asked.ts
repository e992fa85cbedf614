/**
 * Whoever is asked by generated requests. Where so many come that its memory is judged it is a process of its own, started as the product is: what it
 * keeps is then told by the kernel, without what those keep who draw the requests and ask. A sample has it in the test's own process.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** What it may be told, by kind, and what it answers. */
export type Words<Word> = { readonly [Kind in keyof Word]: readonly [given: unknown, answer: unknown] };

export interface AskedPlace<Word extends Words<Word>> extends AsyncDisposable {
  /** One at a time. */
  tell<Kind extends keyof Word & string>(kind: Kind, given: Word[Kind][0]): Promise<Word[Kind][1]>;
  /** To be called now and then, with how many were asked by now. */
  weigh(asked: number): Promise<void>;
  /** What its memory has come to: words for the report, and the fault that it is where it is one. */
  weighed(): Promise<{ readonly told: string; readonly faults: readonly string[] }>;
}

/** What a program of whoever is asked exports as `answering`; and `answerParent` is what it does when it is the main one. */
export interface Answering<Word extends Words<Word>> {
  readonly answers: { readonly [Kind in keyof Word]: (given: Word[Kind][0]) => Promise<Word[Kind][1]> };
  readonly end: () => Promise<void>;
}

type Reply = { readonly value: unknown } | { readonly fault: string };

/** `programFlags` of bin/runtime.mjs. */
const productFlags = ["--single-threaded-gc", "--max-semi-space-size=2"];
const collectFirst = "collect";
/** Of resident memory, when so many were asked to when all were, both behind a collection: how lazily an engine collects is no growth. */
const [settledAfter, mostGrowth] = [100_000, 1.2];
const reportEvery = 50_000;

/** `inputs`: how many requests are to come; of many it is reported how far they have come. */
export async function beginAsked<Word extends Words<Word>>(
  program: URL,
  inputs: number,
  report: (line: string) => void,
): Promise<AskedPlace<Word>> {
  if (inputs > settledAfter) return new AskedProcess<Word>(program, report);
  const { answering } = (await import(program.href)) as { readonly answering: () => Promise<Answering<Word>> };
  const { answers, end } = await answering();
  return {
    tell: (kind, given) => answers[kind](given),
    weigh: async () => {},
    weighed: async () => ({ told: "", faults: [] }),
    [Symbol.asyncDispose]: end,
  };
}

class AskedProcess<Word extends Words<Word>> implements AskedPlace<Word> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #report: (line: string) => void;
  #settled: number | undefined;
  #reported = 0;

  constructor(program: URL, report: (line: string) => void) {
    this.#report = report;
    this.#child = fork(program, {
      ...{ stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" },
      execArgv: [...process.execArgv, ...productFlags, "--expose-gc"],
    });
    this.#ended = once(this.#child, "exit");
  }

  tell<Kind extends keyof Word & string>(kind: Kind, given: Word[Kind][0]): Promise<Word[Kind][1]> {
    return this.#ask(kind, given);
  }

  async weigh(asked: number): Promise<void> {
    if (asked >= settledAfter) this.#settled ??= await this.#collected();
    if (asked < this.#reported + reportEvery) return;
    this.#reported = asked;
    this.#report(`${asked} asked, ${this.#resident()} MiB`);
  }

  async weighed() {
    const [lazy, now] = [this.#resident(), await this.#collected()];
    const growth = now / (this.#settled ?? now);
    const told = `; memory ${lazy} MiB, collected ${now} MiB, × ${growth.toFixed(2)}`;
    return { told, faults: growth > mostGrowth ? [`memory grew to ${growth.toFixed(2)} of what it was`] : [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  async #ask(kind: string, given: unknown): Promise<unknown> {
    const answered = once(this.#child, "message");
    this.#child.send({ kind, given });
    const told = await Promise.race([answered, this.#ended.then(() => undefined)]);
    const reply = told?.[0] as Reply | undefined;
    if (reply === undefined || "fault" in reply) throw new Error(reply?.fault ?? "who was asked has ended");
    return reply.value;
  }

  async #collected(): Promise<number> {
    await this.#ask(collectFirst, undefined);
    return this.#resident();
  }

  /** In MiB. */
  #resident(): number {
    const [, found] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, "utf8")) ?? [];
    return Math.round(Number(found) / 1_024);
  }
}

/** The other side: each word is answered, and the process ends with who asks. */
export function answerParent<Word extends Words<Word>>({ answers, end }: Answering<Word>): void {
  const answer = async (kind: keyof Word | typeof collectFirst, given: never) =>
    kind === collectFirst ? globalThis.gc?.() : answers[kind as keyof Word](given);
  process.on("message", ({ kind, given }: { readonly kind: keyof Word; readonly given: never }) => {
    answer(kind, given).then(
      (value) => process.send?.({ value }),
      (error: Error) => process.send?.({ fault: error.stack }),
    );
  });
  process.once("disconnect", () => end().then(() => process.exit(0)));
}
