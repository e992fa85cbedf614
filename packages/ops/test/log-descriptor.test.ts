/** Logs to an open descriptor: files, and pipes whose reader stalls or leaves. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createDescriptorDestination } from "@ropewalk/ops/log-descriptor";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-log-"));
after(() => rmSync(folder, { recursive: true }));

function openPipe(name: string): { readonly reader: number; readonly writer: number } {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY) };
}

function drain(reader: number): string {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(65_536);
    try {
      const length = readSync(reader, part);
      if (length === 0) break;
      parts.push(part.subarray(0, length));
    } catch {
      break;
    }
  }
  return Buffer.concat(parts).toString();
}

test("a line is in the file when the call returns", () => {
  const path = join(folder, "file");
  const descriptor = openSync(path, "w");
  createDescriptorDestination(descriptor).write("one\n");
  assert.equal(readFileSync(path, "utf8"), "one\n");
  closeSync(descriptor);
});

test("a full pipe refuses lines at once, and no line is torn when its reader returns", () => {
  const { reader, writer } = openPipe("full");
  const destination = createDescriptorDestination(writer);
  // Longer than PIPE_BUF, so that the pipe takes lines in part (pipe(7)).
  const line = `${"x".repeat(9_999)}\n`;
  let refused = 0;
  for (let count = 0; count < 50; count += 1) refused += isRefused(() => destination.write(line)) ? 1 : 0;
  assert.ok(refused >= 40, `${refused} refused`);
  let seen = drain(reader);
  destination.write("last\n");
  seen += drain(reader);
  const lines = seen.split("\n");
  assert.equal(lines.pop(), "");
  assert.equal(lines.pop(), "last");
  assert.ok(lines.length > 0 && lines.every((text) => text === line.trimEnd()));
  closeSync(reader);
  closeSync(writer);
});

test("a pipe without a reader refuses lines instead of ending the process", () => {
  const { reader, writer } = openPipe("left");
  const destination = createDescriptorDestination(writer);
  closeSync(reader);
  assert.throws(() => destination.write("x\n"), { code: "EPIPE" });
  closeSync(writer);
});

function isRefused(write: () => void): boolean {
  try {
    write();
    return false;
  } catch {
    return true;
  }
}
