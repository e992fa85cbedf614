/** Room that is kept for removing: there, given up, and looked for again, but not at every call. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { bytes, millis } from "@ropewalk/kernel/units";
import { Reserve } from "@ropewalk/mesh/io/store/reserve";

const root = mkdtempSync(join(tmpdir(), "ropewalk-reserve-"));
after(() => rmSync(root, { recursive: true }));
const size = bytes(100_000);

test("it takes the room that it is to keep, its owner's alone, and is kept from one start to the next", () => {
  const path = join(root, "kept");
  assert.ok(new Reserve(path, size, new FakeClock()).isThere());
  const { size: length, mode } = statSync(path);
  assert.deepEqual([length, mode & 0o777], [size, 0o600]);
  const before = readFileSync(path);
  assert.ok(new Reserve(path, size, new FakeClock()).isThere());
  assert.deepEqual(readFileSync(path), before);
  writeFileSync(path, "a part of it");
  assert.ok(new Reserve(path, size, new FakeClock()).isThere());
  assert.equal(statSync(path).size, size);
});

test("once it was given up it is made again a second later, and so is one for which there was no room", () => {
  const folder = join(root, "none");
  const clock = new FakeClock();
  const reserve = new Reserve(join(folder, "reserve"), size, clock);
  assert.equal(reserve.isThere(), false);
  mkdirSync(folder);
  clock.advance(millis(999));
  assert.equal(reserve.isThere(), false, "too soon to look again");
  clock.advance(millis(1));
  assert.ok(reserve.isThere());
  reserve.giveUp();
  assert.throws(() => statSync(join(folder, "reserve")), { code: "ENOENT" });
  assert.equal(reserve.isThere(), false);
  clock.advance(millis(1_000));
  assert.ok(reserve.isThere());
});

test("nothing is written through a link that lies in its place", () => {
  const [path, other] = [join(root, "link"), join(root, "other")];
  writeFileSync(other, "somebody's");
  symlinkSync(other, path);
  new Reserve(path, size, new FakeClock()).isThere();
  assert.equal(readFileSync(other, "utf8"), "somebody's");
});
