/** `ropewalk tunnel try` as it is typed, by a script and by somebody who has seen enough. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { StartedPrograms } from "../started-programs.ts";

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith("ropewalk-try-"));

test("a trial that cuts its line comes back each time, says so to programs, and leaves nothing", async () => {
  await using processes = new StartedPrograms();
  const before = left();
  const trial = processes.start("tunnel", "try", "--json", "--for", "4s", "--cut-every", "1500ms");
  const { code, stderr } = await trial.ended;
  assert.equal(code, 0, stderr);
  const documents = trial.documents;
  const { result } = documents.at(-1) as { result: { cuts: number; download: Record<string, unknown> } };
  assert.equal(result.cuts, 2);
  assert.deepEqual([result.download["wrong"], result.download["ended"]], [0, null]);
  const kinds = documents.map(({ end, event }) => `${end} ${(event as { kind: string } | undefined)?.kind}`);
  assert.equal(kinds.filter((kind) => kind === "source resumed").length, 2);
  assert.deepEqual(left(), before);
});

test("Ctrl-C ends a trial, with a line about what it bore", async () => {
  await using processes = new StartedPrograms();
  const trial = processes.start("tunnel", "try");
  await trial.until("the lane", () => trial.stdout.includes("a session begins"));
  trial.child.kill("SIGINT");
  const { code, stdout } = await trial.ended;
  assert.equal(code, 0);
  assert.match(stdout, /^ {2}try {2}curl http:\/\/127\.0\.0\.1:\d+\/$/m);
  assert.match(stdout, /The line was cut 0 times; the download of .* had 0 wrong octets/);
});

test("a duration that is none is a fault of the command line", async () => {
  await using processes = new StartedPrograms();
  const { code, stderr } = await processes.run("tunnel", "try", "--for", "soon");
  assert.equal(code, 2);
  assert.match(stderr, /--for takes a duration .*"soon" is none/);
});
