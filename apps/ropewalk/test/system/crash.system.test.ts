/**
 * The real node, killed in the middle of what it does to the kernel: no packet is lost, the next start ends what was begun, and
 * purge leaves the machine as it was. Samples of it; `npm run soak -- crash` kills at every single change.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CrashSites } from "./crash-site.ts";
import { deeds, dieAllTheWay, tryDeed } from "./crash-trials.ts";

const seed = Number(process.env["ROPEWALK_TEST_SEED"] ?? Date.now() % 2 ** 31);
const sites = new CrashSites();

after(() => sites[Symbol.asyncDispose]());

const what = seed % 2 === 0 ? "install" : "purge";
test(`${what} is ended by later lives, each of which dies on the way too (seed ${seed})`, async () => {
  const { deaths, faults } = await sites.use((site) => dieAllTheWay(site, what, 7 + (seed % 3)));
  assert.deepEqual(faults, []);
  assert.ok(deaths >= 3, `${deaths} deaths`);
});

/** As many changes as each takes at least. */
const changes: Readonly<Record<string, number>> = {
  ...{ switch: 4, failback: 4, cut: 6, return: 4 },
  "purge without a node": 30,
};

/** Three of the five, and over days all. */
const tried = deeds.filter(({ name }) => name in changes).filter((_, index, all) => (index + seed) % all.length < 3);

for (const [index, deed] of tried.entries()) {
  const number = 1 + ((seed >> index) % (changes[deed.name] ?? 1));
  const fate = `${(seed >> (index + 8)) % 2 === 0 ? "before" : "after"} ${number}` as const;
  test(`dying ${fate} of the changes of a ${deed.name} loses nothing (seed ${seed})`, async () => {
    const { hasDied, faults } = await sites.use((site) => tryDeed(site, deed, fate));
    assert.deepEqual([hasDied, faults], [true, []]);
  });
}
