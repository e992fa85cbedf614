/** Reading configuration files and the files of secrets. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { largestConfigFile, largestSecretFile, readConfigFile, readSecretFile } from "@ropewalk/ops/config-file";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-config-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "file");

test("a file that is absent is undefined, one that is there is its text", () => {
  assert.equal(readConfigFile(join(folder, "none")), undefined);
  writeFileSync(path, "[log]\n");
  assert.deepEqual(readConfigFile(path), { path, content: "[log]\n" });
});

test("a file of the largest size is read, one octet more is refused", () => {
  writeFileSync(path, "#".repeat(largestConfigFile));
  assert.equal(readConfigFile(path)?.content.length, largestConfigFile);
  writeFileSync(path, "#".repeat(largestConfigFile + 1));
  assert.throws(() => readConfigFile(path), { code: "OPS_CONFIG_FILE", message: /larger than 1048576 octets/ });
});

test("what is no text file is refused, and none of it keeps the program waiting", () => {
  writeFileSync(path, Uint8Array.of(0x61, 0xff));
  assert.throws(() => readConfigFile(path), { code: "OPS_CONFIG_FILE" });
  assert.throws(() => readConfigFile(folder), { code: "OPS_CONFIG_FILE", message: /not a regular file/ });
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  assert.throws(() => readConfigFile(pipe), { code: "OPS_CONFIG_FILE", message: /not a regular file/ });
});

test("the file of a secret is its text, or the reason why it could not be read", () => {
  writeFileSync(path, "hunter2\n");
  assert.deepEqual(readSecretFile(path), { kind: "text", text: "hunter2\n" });
  assert.equal(readSecretFile(join(folder, "none")).kind, "failed");
  writeFileSync(path, "x".repeat(largestSecretFile + 1));
  assert.equal(readSecretFile(path).kind, "failed");
});
