/** A whole node in a process of its own, which tells how long its event loop's turns are. It ends with whoever started it. */
import { createOwner, startNode } from "../nodes-on-loopback.ts";
import { LoopTurns } from "./loop-turns.ts";

export type BesiegedOrder = "take" | "end";

export type BesiegedWord =
  | { readonly kind: "ready"; readonly place: string; readonly key: string }
  | {
      readonly kind: "turns";
      readonly clock: number;
      readonly processor: number;
      readonly longOnes: number;
      readonly routes: number;
      readonly framesIn: number;
    };

process.on("disconnect", () => process.exit());
await besieged();

async function besieged(): Promise<void> {
  using owner = createOwner();
  await using node = await startNode(owner);
  using turns = new LoopTurns();
  const ended = Promise.withResolvers<void>();
  process.on("message", (order: BesiegedOrder) => {
    if (order === "end") ended.resolve();
    else {
      const { peers, routes } = node.service.status();
      const framesIn = peers.reduce((sum, { counts }) => sum + counts.framesIn, 0);
      say({ kind: "turns", ...turns.take(), routes: routes.known, framesIn });
    }
  });
  say({ kind: "ready", place: node.place, key: owner.key.verifyingKey.raw().toHex() });
  await ended.promise;
  process.disconnect?.();
}

function say(word: BesiegedWord): void {
  process.send?.(word);
}
