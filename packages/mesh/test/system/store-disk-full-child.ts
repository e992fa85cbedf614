/** Fills the file system below a store until it refuses, and prints what it did then, and once there was room again. Argument: folder. */
import { appendFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import type { StoreAnswer } from "@ropewalk/mesh/pure/messages/store-operations";
import { allRows, custody, keptName, receive, time, whole } from "../io/store/stores.ts";

const folder = process.argv[2] ?? "";
const ballast = join(folder, "ballast");
const others = join(folder, "others");
const clock = createSystemClock();
const events: string[] = [];
const open = () =>
  MessageStore.open(
    { path: join(folder, "messages") },
    {
      clock,
      onEvent: ({ kind }) => events.push(kind),
      onDeath: (error) => {
        throw error;
      },
    },
  );
const report: Record<string, unknown> = {};
const said = (answer: StoreAnswer) => (answer.kind === "refused" ? answer.reason : answer.kind);
let next = 0;
let put = 0;
const deadline = clock.now() + 40_000;

/** One after the other until one is refused; why. */
async function fill(store: MessageStore): Promise<string> {
  for (;;) {
    next += 1;
    const answer = await store.write([custody(next, { size: 3_000 })]);
    if (answer.kind === "refused") return answer.reason;
    put += 1;
  }
}

/** Whether something is taken again, within the time that this may take. */
async function isTakenAgain(store: MessageStore, meanwhile: () => Promise<unknown>): Promise<boolean> {
  while (clock.now() < deadline) {
    await meanwhile();
    next += 1;
    if ((await store.write([custody(next)])).kind === "committed") return true;
    await sleep(clock, "room", millis(50));
  }
  return false;
}

/** Somebody else takes what room there is. */
function takeAll(): void {
  try {
    for (;;) appendFileSync(others, new Uint8Array(4_096));
  } catch {}
}

writeFileSync(ballast, new Uint8Array(9_000_000));
{
  await using store = await open();
  report["refused"] = await fill(store);
  takeAll();
  report["events"] = events.splice(0).join();
  const kept = await allRows(store, "custody");
  report["lost"] = put - kept.length;
  report["received"] = said(await store.write([receive(3, 1, whole("hello"))]));
  report["removed"] = said(await store.write([{ kind: "custody-remove", name: keptName(1) }]));
  const mixed = await Promise.all([
    store.write([custody(9_999_999)]),
    store.write([{ kind: "custody-remove", name: keptName(2) }]),
    store.write([{ kind: "custody-remove", name: keptName(3) }, custody(9_999_998)]),
    store.write([{ kind: "expire", now: time(1) }]),
  ]);
  report["mixed"] = mixed.map(said).join();
  report["left"] = (await allRows(store, "custody")).length - put;
}
{
  await using store = await open();
  report["eventsWhenOpenedAgain"] = events.splice(0).join();
  report["leftWhenOpenedAgain"] = (await allRows(store, "custody")).length - put;
  truncateSync(others, statSync(others).size - 3_000_000);
  let removed = 3;
  // Nobody else gives room back: it is what is removed that does.
  report["byItself"] = await isTakenAgain(store, async () => {
    const group = Array.from({ length: 50 }, (_, index) => keptName(removed + 1 + index));
    removed += group.length;
    return await store.write(group.map((name) => ({ kind: "custody-remove", name })));
  });
  report["wholeBefore"] = removed < put;
  report["eventsByItself"] = events.splice(0).join();
}
{
  await using store = await open();
  report["refusedAgain"] = await fill(store);
  rmSync(ballast);
  report["withRoom"] = await isTakenAgain(store, async () => {});
  report["eventsWithRoom"] = events.splice(0).join();
}
process.stdout.write(JSON.stringify(report));
