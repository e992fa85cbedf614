/**
 * The thread of the store: all that touches its file, and waits for the disk, is done here, in the order in which it was asked for. It
 * is told what to do by `store-thread.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { Timer } from "@ropewalk/kernel/clock";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { MeshError } from "../../errors.ts";
import { StoreKeeper } from "./store-keeper.ts";
import type { FromStore, StoreEvent, StoreThreadOptions, ToStore } from "./store-messages.ts";

const clock = createSystemClock();
/** From the start until the first table's indexes are looked at, and from one to the next: what a start reads goes before. */
const [firstCheck, nextCheck] = [seconds(1), millis(100)];

function main(): void {
  const owner = parentPort;
  if (owner === null) throw new InternalError("this is the program of a thread");
  const tell = (message: FromStore) => owner.postMessage(message);
  const keeper = open(tell);
  if (keeper === undefined) return;
  let checking: Timer;
  const checkAfter = (wait: Millis) => {
    checking = clock.after("check of a table", wait, () => {
      if (keeper.checkNext()) checkAfter(nextCheck);
    });
  };
  checkAfter(firstCheck);
  owner.on("message", (message: ToStore) => {
    switch (message.kind) {
      case "batch":
        tell({ kind: "settled", answers: keeper.settle(message.groups) });
        return;
      case "ask":
        tell({ kind: "answer", id: message.id, reading: keeper.answer(message.question) });
        return;
      case "stop":
        checking[Symbol.dispose]();
        keeper[Symbol.dispose]();
        owner.close();
        return;
    }
  });
}

function open(tell: (message: FromStore) => void): StoreKeeper | undefined {
  try {
    const deps = { clock, tell: (event: StoreEvent) => tell({ kind: "event", event }) };
    const keeper = new StoreKeeper(workerData as StoreThreadOptions, deps);
    tell({ kind: "opened", opened: keeper.opened });
    return keeper;
  } catch (error) {
    const code = error instanceof MeshError ? error.code : "MESH_STORE";
    tell({ kind: "unopened", code, reason: describeError(error) });
    return undefined;
  }
}

main();
