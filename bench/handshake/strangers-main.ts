/** Strangers in a process of their own: does what it is told once, counts when it is asked, and ends with who started it. */
import { connect } from "node:net";
import { addressOf, type StrangersCount, type StrangersTask, wordsOf } from "./strangers-plan.ts";

const tickMs = 5;
/** After a stop of its own a flood does not make good more than this. */
const mostAtOnce = 50;
/** Connections of a crowd on their way at once. */
const mostPending = 200;

let [begun, opened, spoken, open] = [0, 0, 0, 0];
const failed: Record<string, number> = {};

process.once("message", (task: StrangersTask) => {
  process.on("message", () => process.send?.(count()));
  if (task.plan.kind === "flood") flood(task, task.plan.perSecond);
  else crowd(task, task.plan.connections);
});
process.on("disconnect", () => process.exit());

function count(): StrangersCount {
  return { at: performance.now() / 1_000, opened, spoken, open, failed };
}

function flood(task: StrangersTask, perSecond: number): void {
  let last = performance.now();
  let due = 0;
  setInterval(() => {
    const now = performance.now();
    due = Math.min(mostAtOnce, due + ((now - last) / 1_000) * perSecond);
    last = now;
    for (; due >= 1; due -= 1) stranger(task, () => {});
  }, tickMs);
}

function crowd(task: StrangersTask, connections: number): void {
  const next = () => {
    if (begun < connections) stranger(task, next);
  };
  for (let pending = 0; pending < mostPending; pending += 1) next();
}

function stranger({ plan, port, hello }: StrangersTask, onSettled: () => void): void {
  const index = begun;
  begun += 1;
  const words = wordsOf(plan, index, hello);
  let isOpen = false;
  const socket = connect({ host: "127.0.0.1", port, localAddress: addressOf(plan, index), noDelay: true });
  socket.once("connect", () => {
    isOpen = true;
    opened += 1;
    open += 1;
    if (words.length > 0) socket.write(words);
    if (words.length === hello.length) spoken += 1;
    onSettled();
  });
  socket.once("error", (error: NodeJS.ErrnoException) => {
    if (isOpen) return;
    const name = error.code ?? error.message;
    failed[name] = (failed[name] ?? 0) + 1;
    onSettled();
  });
  socket.once("close", () => {
    if (isOpen) open -= 1;
  });
  socket.resume();
}
