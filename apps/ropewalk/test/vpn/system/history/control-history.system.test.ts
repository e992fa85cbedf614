/**
 * A history of random requests, while replicas are stopped and killed, the database is restarted, exits die and calls are late or come twice, breaks no law of
 * docs/protocols/vpn-control.md; that of a product which lacks a defence does. A million requests: the soak.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverInPlace } from "../../../../../../packages/entry/test/system/server-place.ts";
import type { RunningServer } from "../control-scene.ts";
import { historyMutants, type NamedMutant } from "./history-mutants.ts";
import { HistoryRun } from "./history-run.ts";
import { missed } from "./mutant-run.ts";

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
    share: 1 / 40,
    server,
    settleWithin: 60_000,
  });
  const { faults, connects, requests } = await run.epoch(240);
  const met = [...run.misfortunes].map(([what, times]) => `${what}: ${times}`);
  t.diagnostic(`${requests} requests, ${connects} connects; ${met.join(", ")}`);
  assert.deepEqual(faults, []);
  assert.ok(connects > 0);
});

// One of them each time; all of them: the soak.
const choice = drawSeed();
const mutant = historyMutants[choice % historyMutants.length] as NamedMutant;
test(`the history of a product in which ${mutant.name} shows it`, { timeout }, async (t) => {
  t.diagnostic(`seed ${choice}`);
  assert.equal(await missed(mutant, choice, server), undefined);
});
