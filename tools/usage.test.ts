/** Development scripts say how they are called, to who asks and to who has it wrong, and start nothing then. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

function run(script: string, ...args: readonly string[]) {
  const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(root, script), ...args], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test("a measurement's own options are told, and without a name which measurements there are", () => {
  const all = run("bench/main.ts", "--help");
  assert.deepEqual([all.status, all.stderr], [0, ""]);
  assert.match(all.stdout, /^usage: npm run bench -- NAME .*\n {2}observation /);
  const one = run("bench/main.ts", "mesh", "-h");
  assert.deepEqual([one.status, one.stderr], [0, ""]);
  assert.match(one.stdout, /^usage: npm run bench -- mesh .*\n.*--trials N of a thousand nodes/);
  assert.doesNotMatch(one.stdout, /observation/);
});

for (const [script, args, expected] of [
  ["bench/main.ts", [], /^usage: npm run bench -- NAME/],
  ["bench/main.ts", ["nothing"], /^usage: npm run bench -- NAME/],
  ["bench/main.ts", ["mesh", "--bogus"], /--bogus[\s\S]*\n\nusage: npm run bench -- NAME/],
  ["tools/soak.ts", ["--bogus"], /--bogus[\s\S]*\n\nusage: npm run soak/],
  ["tools/soak.ts", ["--inputs", "0"], /^N is a whole number\n\nusage: npm run soak/],
  ["packages/lab/src/main.ts", ["--bogus"], /--bogus[\s\S]*\n\n.*npm run lab/],
] as const) {
  test(`${script} ${args.join(" ")} is refused with the usage and status 2, and no trace of an exception`, () => {
    const { status, stdout, stderr } = run(script, ...args);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /^ {4}at /m);
  });
}

for (const script of ["tools/soak.ts", "packages/lab/src/main.ts"]) {
  test(`${script} --help tells the usage`, () => {
    const { status, stdout, stderr } = run(script, "--help");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /npm run (?:soak|lab)/);
  });
}
