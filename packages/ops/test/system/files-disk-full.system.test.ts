/** Files that are written together, on a file system that is really full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOnFullDisk } from "./on-full-disk.ts";

test("a full disk is told as such, and leaves nothing of what was being written, and all that was there", () => {
  assert.deepEqual(reportOnFullDisk("files-disk-full-child.ts"), {
    new: "OPS_FILE_FULL",
    replaced: "OPS_FILE_FULL",
    left: ["ca.key"],
    old: "old",
    later: "no error",
  });
});
