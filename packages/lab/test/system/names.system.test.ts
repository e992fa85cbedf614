/** The program that looks names up: whom it asks, when it asks the next one, and what it does when resolv.conf changes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { askNames } from "@ropewalk/lab/name-asking";

const first = ipAddress("192.0.2.53");
const second = ipAddress("198.51.100.53");
const nobody = ipAddress("192.0.2.99");
const name = "pinned.lab.example";
const patience = millis(40_000);
let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 1 });
});
after(() => lab?.[Symbol.asyncDispose]());

async function nameServers(...addresses: readonly string[]): Promise<void> {
  const input = addresses.map((address) => `nameserver ${address}\n`).join("");
  await lab.host("edge").exec("sh", ["-c", "cat >/etc/resolv.conf"], { input });
}

test("the first server is asked, another one as soon as resolv.conf names it", async () => {
  await nameServers(first);
  await using asker = await askNames(lab.host("edge"), { name, rate: 50 });
  assert.notEqual(await asker.comesFrom(first, patience), undefined);
  await nameServers(second, first);
  assert.notEqual(await asker.comesFrom(second, patience), undefined);
  const { answers, failed } = await asker.stop();
  assert.deepEqual([...new Set(answers.map(({ address }) => address))], [first, second]);
  assert.equal(failed, 0);
});

test("when the first server is silent the second answers, no sooner than it was asked", async () => {
  await nameServers(nobody, second);
  await using asker = await askNames(lab.host("edge"), { name, retry: millis(50) });
  assert.notEqual(await asker.comesFrom(second, patience), undefined);
  const { answers } = await asker.stop();
  for (const { sentAt, arrivedAt } of answers) assert.ok(arrivedAt - sentAt >= 50_000_000n, `${arrivedAt - sentAt} ns`);
});

test("the C library asks by DNS, also for names that /etc/hosts knows", async () => {
  await nameServers(nobody, second);
  const questions = async () => {
    const sent = (await lab.counters("wan0")).sent;
    return sent.reduce((sum, { packets }) => sum + packets, 0);
  };
  const had = await questions();
  await using asker = await askNames(lab.host("edge"), { name, rate: 50, isByLibrary: true });
  const unknown = ipAddress("::");
  await nameServers(second);
  assert.notEqual(await asker.comesFrom(unknown, patience), undefined);
  const { answers, asked } = await asker.stop();
  assert.ok(answers.length >= 1 && answers.length <= asked);
  assert.ok((await questions()) - had >= answers.length);
});
