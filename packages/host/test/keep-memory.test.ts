/** The settings of glibc that keep freed memory are accepted by the one we run on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";

test("the C library takes the settings that keep freed memory", () => {
  assert.equal(createNative().keepFreedMemory(32 * 2 ** 20), true);
});
