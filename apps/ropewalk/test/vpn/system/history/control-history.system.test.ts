/**
 * A history of random requests, while replicas are stopped and killed, the database is restarted, exits die and calls are late or come twice, breaks no law of
 * docs/protocols/vpn-control.md; that of a product which lacks a defence does. A million requests: the soak.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverInPlace } from "../../../../../../packages/entry/test/system/server-place.ts";
import type { RunningServer } from "../control-scene.ts";
import { historyMutants } from "./history-mutants.ts";
import { HistoryRun } from "./history-run.ts";

let server: RunningServer;
before(async () => {
  server = await serverInPlace();
});
after(() => server?.[Symbol.asyncDispose]());

const drawSeed = () => Math.floor(Math.random() * 2 ** 31);

/** Beside much else the start of a replica alone takes half a minute. */
const timeout = 300_000;

test("whatever is asked of three replicas while everything fails, no law is broken", { timeout }, async (t) => {
  const seed = drawSeed();
  t.diagnostic(`seed ${seed}`);
  await using run = await HistoryRun.open({
    seed,
    customers: 200,
    replicas: 3,
    atOnce: 48,
    share: 1 / 60,
    server,
    settleWithin: 60_000,
  });
  const { faults, connects, requests } = await run.epoch(400);
  const met = [...run.misfortunes].map(([what, times]) => `${what}: ${times}`);
  t.diagnostic(`${requests} requests, ${connects} connects; ${met.join(", ")}`);
  assert.deepEqual(faults, []);
  assert.ok(connects > 0);
});

const calls = { again: 0.4, lost: 0.05, late: 0 };
/** Until it is found out, or hides for so many times so many requests. */
const [mostEpochs, requestsEach] = [12, 200];

for (const { name, law, make } of historyMutants)
  test(`the history of a product in which ${name} shows it`, { timeout }, async (t) => {
    const seed = drawSeed();
    t.diagnostic(`seed ${seed}`);
    const given = {
      seed,
      customers: 24,
      replicas: 2,
      atOnce: 24,
      share: 1 / 30,
      server,
      network: calls,
      settleWithin: 8_000,
    };
    await using run = await HistoryRun.open({ ...given, mutant: await make() });
    const found: string[] = [];
    const isFound = () => found.some((fault) => law.test(fault));
    for (let epoch = 0; epoch < mostEpochs && !isFound(); epoch += 1)
      found.push(...(await run.epoch(requestsEach)).faults);
    assert.ok(isFound(), `not by its law: ${found.join("\n")}`);
  });
