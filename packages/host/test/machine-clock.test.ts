import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { createMachineClock, readKernelBoot } from "@ropewalk/host/linux/machine-clock";

test("two processes read one clock, which goes on", () => {
  const clock = createMachineClock();
  const before = clock.now();
  const read = "process.stdout.write(String(Number(process.hrtime.bigint()) / 1e6))";
  const theirs = Number(execFileSync(process.execPath, ["-e", read], { encoding: "utf8" }));
  assert.ok(before < theirs && theirs < clock.now());
});

test("the boot of the kernel is a UUID that stays", () => {
  assert.match(readKernelBoot(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(readKernelBoot(), readKernelBoot());
});
