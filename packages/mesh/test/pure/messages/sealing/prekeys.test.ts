import assert from "node:assert/strict";
import { test } from "node:test";
import { Prekeys } from "@ropewalk/mesh/pure/messages/sealing/prekeys";
import type { StoredPrekey } from "@ropewalk/mesh/pure/messages/store-operations";
import { person, storeTime, today } from "./people.ts";

const crypto = person(2);
const day = 86_400;
const after = (days: number) => storeTime(today + days * day);
const publicOf = ({ secret }: StoredPrekey) => crypto.restore(secret.slice())?.publicKey;

test("a key is announced once it is kept, and serves from when it was made", () => {
  const prekeys = new Prekeys(crypto);
  assert.deepEqual([prekeys.due, prekeys.announced, prekeys.live()], [undefined, undefined, []]);
  const [made] = prekeys.renew(today);
  assert.equal(prekeys.announced, undefined);
  assert.equal(prekeys.live().length, 1);
  prekeys.kept();
  assert.deepEqual(prekeys.announced, publicOf(made ?? assert.fail()));
  const [former, next] = prekeys.renew(after(7));
  assert.deepEqual(prekeys.announced, publicOf(former ?? assert.fail()), "the next is not on the disk yet");
  prekeys.kept();
  assert.deepEqual(prekeys.announced, publicOf(next ?? assert.fail()));
});

test("the next is due each week, and a key serves for thirty days after the next was made", () => {
  const prekeys = new Prekeys(crypto);
  const stored = new Map<number, StoredPrekey>();
  for (let days = 0; days <= 70; days += 7) {
    for (const prekey of prekeys.renew(after(days))) stored.set(prekey.id, prekey);
    prekeys.kept();
    assert.equal(prekeys.due, after(days + 7));
    for (const id of prekeys.expire(after(days))) stored.delete(id);
  }
  // Made on day 28 and since: the one of day 28 had its next on day 35, and is to be gone on day 65.
  assert.deepEqual(
    [...stored.values()].map(({ made }) => (made - today) / day),
    [35, 42, 49, 56, 63, 70],
  );
  assert.deepEqual(
    [...stored.values()].map(({ until }) => (until - today) / day),
    [72, 79, 86, 93, 100, 107],
  );
  assert.deepEqual(prekeys.expire(after(72)).length, 1);
});

test("a key whose next was made late serves as long after it", () => {
  const prekeys = new Prekeys(crypto);
  prekeys.renew(today);
  const [former] = prekeys.renew(after(20));
  assert.equal(former?.until, after(50));
  assert.deepEqual(prekeys.expire(storeTime(after(50) - 1)), []);
  assert.deepEqual(prekeys.expire(after(50)), [1]);
});

test("the latest comes first, and never runs out, however long nobody looked", () => {
  const prekeys = new Prekeys(crypto);
  prekeys.renew(today);
  prekeys.renew(after(7));
  prekeys.kept();
  assert.deepEqual(prekeys.live()[0]?.publicKey, prekeys.announced);
  assert.deepEqual(prekeys.expire(after(3_650)), [1]);
  assert.deepEqual(
    prekeys.live().map(({ publicKey }) => publicKey),
    [prekeys.announced],
  );
});

test("no more than a few are kept, whatever the calendar says", () => {
  const prekeys = new Prekeys(crypto);
  for (let number = 0; number < 20; number += 1) prekeys.renew(today);
  assert.equal(prekeys.expire(today).length, 12);
  assert.equal(prekeys.live().length, 8);
});

test("what was stored serves again, what is no key is left out, and numbers go on", () => {
  const prekeys = new Prekeys(crypto);
  const stored = [...prekeys.renew(today), ...prekeys.renew(after(7)).slice(1)];
  prekeys.kept();
  const restored = new Prekeys(crypto);
  const broken = { id: 3, secret: new Uint8Array(31), made: today, until: after(99) };
  restored.restore([...stored, broken].toReversed());
  assert.deepEqual(restored.announced, prekeys.announced);
  assert.deepEqual(
    restored.live().map(({ publicKey }) => publicKey),
    prekeys.live().map(({ publicKey }) => publicKey),
  );
  assert.equal(restored.due, after(14));
  assert.equal(restored.renew(after(15)).at(-1)?.id, 3);
  const agreed = restored.live()[0]?.agree(crypto.identity.publicKey);
  assert.equal(agreed?.length, 32);
});
