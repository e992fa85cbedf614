/** The store on a file system that is really full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOnFullDisk } from "./on-full-disk.ts";

test("a full disk is told as such, nothing stored is lost, and the store works again once there is room", () => {
  const { checkpoint, ...report } = reportOnFullDisk("disk-full-child.ts") as Record<string, unknown>;
  assert.ok(["no error", "OPS_STORE_FULL"].includes(String(checkpoint)), String(checkpoint));
  assert.deepEqual(report, {
    code: "OPS_STORE_FULL",
    lost: 0,
    lostAfterCheckpoint: 0,
    integrity: "ok",
    kept: true,
    newStore: "OPS_STORE_FULL",
    afterRoom: true,
  });
});
