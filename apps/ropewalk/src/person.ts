/** The person at the terminal: asked one question at a time, or heard key by key. */
import { createInterface } from "node:readline/promises";
import type { ReadStream, WriteStream } from "node:tty";
import type { Person } from "./command-context.ts";

export function createPerson(input: ReadStream, output: WriteStream): Person {
  const isThere = input.isTTY === true && output.isTTY === true;
  return {
    isThere,
    async ask(question) {
      const line = createInterface({ input, output });
      const ended = new Promise<undefined>((resolve) => line.once("close", () => resolve(undefined)));
      try {
        return await Promise.race([line.question(question), ended]);
      } finally {
        line.close();
      }
    },
    onKey(listener) {
      if (!isThere) return { [Symbol.dispose]: () => {} };
      const onData = (octets: Buffer) => {
        for (const key of octets.toString("latin1")) listener(key);
      };
      input.setRawMode(true);
      input.on("data", onData);
      return {
        [Symbol.dispose]() {
          input.off("data", onData);
          input.setRawMode(false);
          input.pause();
        },
      };
    },
  };
}
