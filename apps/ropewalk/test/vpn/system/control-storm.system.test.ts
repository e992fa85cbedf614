/** Three replicas, few customers and many who ask for everything at once, while nodes say no, are late, or start again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { millis, seconds } from "@ropewalk/kernel/units";
import { admin, ControlScene, type Customer, hashOf, requestOf } from "./control-scene.ts";
import { settle } from "./settled.ts";

const terms = { ...controlFor(seconds(60), seconds(1_800), seconds(1)), claim: millis(300) };
const [customersCount, workers, rounds] = [12, 24, 40];

test("whatever is asked of three replicas at once, each active session is carried in the end, and nobody else", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const draw = drawing(seed);
  await using scene = await ControlScene.open();
  const replicas = [await scene.replica(terms), await scene.replica(terms), await scene.replica(terms)];
  const [first] = replicas;
  assert.ok(first !== undefined);
  const exits = [
    await scene.exit(first, "one", { region: "a" }),
    await scene.exit(first, "two", { region: "b" }),
    await scene.exit(first, "three", { region: "b", pools: ["10.92.0.0/29"], own: ["10.92.0.1"] }),
  ];
  const customers = await scene.customers(customersCount);
  const kinds = new Map<string, number>();
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(draw() * items.length)] as Item;

  const one = async (customer: Customer): Promise<string> => {
    const { control } = pick(replicas);
    const what = draw();
    if (what < 0.45) {
      const key = `${customer.id} ${Math.floor(draw() * 3)}`;
      const former = draw() < 0.3 ? { formerReconnectHash: hashOf(`${customer.id} ${Math.floor(draw() * 3)}`) } : {};
      const request = { reconnectHash: hashOf(draw() < 0.5 ? key : `${draw()}`), ...former };
      return (await control.start(requestOf(customer, request))).kind;
    }
    const current = await control.current(customer.id);
    if (current === undefined) return "none";
    const signal = AbortSignal.timeout(60_000);
    if (what < 0.75) return (await control.end(current.id, undefined, admin, signal)).kind;
    return `moved ${(await control.move(current.id, undefined, {}, admin, signal)).kind}`;
  };
  const worker = async () => {
    for (let round = 0; round < rounds; round += 1) {
      const kind = await one(pick(customers)).catch((error) => {
        assert.match(String(error.code), /^ENTRY_DATABASE_CONTENDED$/, String(error.stack));
        return "contended";
      });
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  };
  let isOver = false;
  const weather = async () => {
    while (!isOver) {
      const { exit, beat } = pick(exits);
      exit.manner = draw() < 0.1 ? "refuses" : "obeys";
      exit.delayAfter = millis(draw() < 0.05 ? 1_200 : draw() * 10);
      if (draw() < 0.05) exit.reboot();
      await beat(pick(replicas));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const storm = weather();
  await Promise.all(Array.from({ length: workers }, worker));
  isOver = true;
  await storm;
  for (const { exit, beat } of exits) {
    [exit.manner, exit.delayAfter, exit.wantsSnapshot] = ["obeys", millis(0), true];
    await beat();
  }
  t.diagnostic([...kinds].map(([kind, count]) => `${kind} ${count}`).join(", "));
  await settle(scene.database, exits);
  assert.ok((kinds.get("active") ?? 0) > 0 && (kinds.get("terminated") ?? 0) > 0);
});

/** Marsaglia's xorshift32. */
function drawing(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
