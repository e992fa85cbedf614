/** Where commands come from: a script, standard input, or a person at a prompt. */
import { createInterface } from "node:readline/promises";

export async function* linesFromScript(script: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* script;
}

/**
 * Lines of standard input until it ends. At a prompt, the terminal belongs to whatever the command starts until the next
 * line is asked for: so each question has a reader of its own.
 */
export async function* linesFromInput(isPrompt: boolean): AsyncGenerator<string, void, undefined> {
  if (!isPrompt) {
    yield* createInterface({ input: process.stdin });
    return;
  }
  let history: string[] = [];
  for (;;) {
    const reader = createInterface({ input: process.stdin, output: process.stdout, history });
    const ended = new Promise<undefined>((resolve) => reader.once("close", () => resolve(undefined)));
    const line = await Promise.race([reader.question("lab> "), ended]);
    reader.close();
    if (line === undefined) return;
    history = [line, ...history].slice(0, 100);
    yield line;
  }
}
