/** No sequence is used twice, whatever becomes of the process and of the file. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import { killedSequences } from "./killed-sequences.ts";

const root = mkdtempSync(join(tmpdir(), "ropewalk-sequence-"));
after(() => rmSync(root, { recursive: true }));
let path = "";
beforeEach(() => {
  path = join(mkdtempSync(join(root, "case-")), "sequence");
});

const wall = 1_800_000_000_000;
const epoch = 1_800_000_000;

/** What a start at `at` goes on from, and how it came by that. */
function started(at = wall): { readonly start: string; readonly mark: SequenceMark } {
  using file = SequenceFile.open(path, at);
  return { start: file.start, mark: file.mark };
}

function kept(...marks: readonly SequenceMark[]): void {
  using file = SequenceFile.open(path, wall);
  for (const mark of marks) file.keep(mark);
}

test("twenty processes killed while they use sequences use none twice, and none that is behind", async () => {
  const seed = Date.now() % 2 ** 31;
  const { faults, used } = await killedSequences(20, seed);
  assert.deepEqual(faults, [], `seed ${seed}`);
  assert.ok(used >= 20);
});

test("a new file begins an epoch at the clock's seconds, and is its owner's alone", () => {
  assert.deepEqual(started(), { start: "new", mark: { epoch, sequence: 0 } });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(started(-5).mark, { epoch: 1, sequence: 0 }, "whatever the clock says");
});

test("a start goes on behind what was set aside last, in the same epoch, however the clock was set meanwhile", () => {
  for (let sequence = 1000; sequence <= 5000; sequence += 1000) kept({ epoch, sequence });
  for (const at of [0, wall, wall * 2])
    assert.deepEqual(started(at), { start: "kept", mark: { epoch, sequence: 5000 } });
  kept({ epoch, sequence: 6000 }, { epoch: epoch + 1, sequence: 1000 });
  assert.deepEqual(started().mark, { epoch: epoch + 1, sequence: 1000 });
});

test("what was set aside is never set aside again, which is misuse", () => {
  kept({ epoch, sequence: 1000 });
  assert.throws(() => kept({ epoch, sequence: 999 }), { code: "INTERNAL" });
  assert.throws(() => kept({ epoch: epoch - 1, sequence: 9000 }), { code: "INTERNAL" });
});

test("a write that was cut at any octet leaves a start with nothing that was used, also without a clock", () => {
  using file = SequenceFile.open(path, wall);
  for (let step = 0; step < 3; step += 1) file.keep({ epoch: epoch + step, sequence: 1000 });
  const before = readFileSync(path);
  file.keep({ epoch: epoch + 2, sequence: 2000 });
  const whole = readFileSync(path);
  for (let cut = 0; cut <= before.length; cut += 1) {
    writeFileSync(path, Buffer.concat([whole.subarray(0, cut), before.subarray(cut)]));
    const { mark } = started(0);
    const isBeyond = mark.epoch > epoch + 2 || (mark.epoch === epoch + 2 && mark.sequence >= 1000);
    assert.ok(isBeyond, `cut at ${cut}: ${mark.epoch} ${mark.sequence}`);
  }
});

test("a file of which any octet was changed begins another epoch, above the one that is still there and the clock's", () => {
  kept({ epoch: epoch + 7, sequence: 1000 }, { epoch: epoch + 7, sequence: 2000 });
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x04;
    writeFileSync(path, changed);
    assert.deepEqual(started(), { start: "damaged", mark: { epoch: epoch + 8, sequence: 0 } }, `octet ${at}`);
    const later = wall + 100_000;
    assert.deepEqual(started(later).mark, { epoch: epoch + 100, sequence: 0 });
  }
});

test("a place that has lost all it held is known from one that never held anything", () => {
  kept({ epoch, sequence: 1000 });
  assert.equal(started().start, "kept");
  kept({ epoch, sequence: 2000 });
  const whole = readFileSync(path);
  for (const lost of [Buffer.concat([Buffer.alloc(32), whole.subarray(32)]), whole.subarray(0, 32)]) {
    writeFileSync(path, lost);
    assert.deepEqual(started(), { start: "damaged", mark: { epoch: epoch + 1, sequence: 0 } });
  }
});

test("what is begun after damage is kept as anything else", () => {
  kept({ epoch, sequence: 1000 });
  const whole = readFileSync(path);
  whole[10] = 0xff;
  writeFileSync(path, whole);
  const { mark } = started();
  kept({ epoch: mark.epoch, sequence: 1000 });
  kept({ epoch: mark.epoch, sequence: 2000 });
  assert.deepEqual(started(), { start: "kept", mark: { epoch: mark.epoch, sequence: 2000 } });
});

test("an empty file is a new one; a link, a folder and a place that cannot be written are told", () => {
  kept({ epoch, sequence: 1000 });
  truncateSync(path);
  assert.deepEqual(started().start, "new");
  const link = `${path}.link`;
  symlinkSync(path, link);
  for (const wrong of [link, root, "/dev/full", join(root, "none/sequence")])
    assert.throws(() => SequenceFile.open(wrong, wall), { code: "MESH_SEQUENCE" }, wrong);
});
