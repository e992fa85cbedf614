/**
 * Writes groups to a store, several at a time, and prints the count of each once it was told that it is committed, until it is killed,
 * or kills itself having printed so many. Arguments: file, how many.
 */
import { writeSync } from "node:fs";
import { groupAt, groupsDone } from "./stored-sequence.ts";
import { openStore, read } from "./stores.ts";

const [path = "", most = "Infinity"] = process.argv.slice(2);
const atOnce = 8;
const store = await openStore(path);
const numbers = new Map<number, number>();
const { rows } = await read(store, { kind: "inbox", after: 0, most: 256, port: undefined });
for (const { number, content } of rows) numbers.set(Number(new TextDecoder().decode(content)), number);
let printed = 0;
let next = (await groupsDone(store)) + 1;

await Promise.all(Array.from({ length: atOnce }, writeAll));

async function writeAll(): Promise<void> {
  for (;;) {
    const group = next;
    next += 1;
    const answer = await store.write(groupAt(group, (which) => numbers.get(which)));
    if (answer.kind === "refused") throw new Error(answer.why);
    const [first] = answer.outcomes;
    if (first?.kind !== "delivered") throw new Error(`group ${group} was ${first?.kind}`);
    numbers.set(group, first.number);
    writeSync(1, `${group}\n`);
    printed += 1;
    if (printed >= Number(most)) process.kill(process.pid, "SIGKILL");
  }
}
