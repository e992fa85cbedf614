/** One long-lived program that asks the C library: for each line, the address of that name, or the error's code. */
import { lookup } from "node:dns/promises";
import { createInterface } from "node:readline";

for await (const name of createInterface({ input: process.stdin })) {
  const answer = await lookup(name, { family: 4 }).then(
    ({ address }) => address,
    ({ code }: NodeJS.ErrnoException) => code,
  );
  process.stdout.write(`${answer}\n`);
}
