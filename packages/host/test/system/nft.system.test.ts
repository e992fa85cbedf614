/** The program and the library keep the same promises. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNative, ERRNO } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { createNftCli } from "@ropewalk/host/linux/nft-program";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { nftContract } from "../ports/nft.contract.ts";

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  nftContract("cli", () => createNftCli(native, createSystemClock()));
  nftContract("native", () => createNftLibrary(native));

  test("a library that is closed refuses, and is closed twice without harm", async () => {
    const nft = createNftLibrary(native);
    nft[Symbol.dispose]();
    nft[Symbol.dispose]();
    assert.deepEqual(await nft.run("list ruleset"), { kind: "refused", detail: "libnftables is closed" });
  });

  test("where the kernel lets nobody speak with nftables the library is not opened, for it would end the process", () => {
    const deaf = { ...native, socket: () => -ERRNO.EPERM };
    assert.throws(() => createNftLibrary(deaf), { code: "HOST_NETLINK" });
  });

  test("a thousand libraries, one behind the other, leave no descriptor", async () => {
    const { readdirSync } = await import("node:fs");
    const before = readdirSync("/proc/self/fd").length;
    for (let count = 0; count < 1_000; count += 1) createNftLibrary(native)[Symbol.dispose]();
    assert.ok(readdirSync("/proc/self/fd").length <= before);
  });
});
