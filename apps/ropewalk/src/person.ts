/** The person at the terminal, asked one question at a time. */
import { createInterface } from "node:readline/promises";
import type { ReadStream, WriteStream } from "node:tty";
import type { Person } from "./command-context.ts";

export function createPerson(input: ReadStream, output: WriteStream): Person {
  return {
    isThere: input.isTTY === true && output.isTTY === true,
    async ask(question) {
      const line = createInterface({ input, output });
      const ended = new Promise<undefined>((resolve) => line.once("close", () => resolve(undefined)));
      try {
        return await Promise.race([line.question(question), ended]);
      } finally {
        line.close();
      }
    },
  };
}
