/** nft itself, and what the kernel says of the table that it made, in a namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { firewallTable, uplinkMark } from "@ropewalk/host/allocations";
import { flowMarkRules, type MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import { isFirewallObjectThere } from "@ropewalk/host/linux/firewall-objects";
import { watchFirewall } from "@ropewalk/host/linux/firewall-watch";
import { createFlowMarks } from "@ropewalk/host/linux/flow-marks";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftProgram } from "@ropewalk/host/linux/nft-program";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";

const uplinks: readonly MarkedUplink[] = Array.from({ length: 16 }, (_, index) => ({
  interfaceName: `wan${index}`,
  mark: uplinkMark(index + 1),
  addresses: [ipAddress(`198.18.${index}.2`), ipAddress(`2001:db8:${index}::2`)],
}));
const listed = () => execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  const open = () => {
    const scripts: string[] = [];
    const clock = createSystemClock();
    const nft = createNftProgram(clock);
    const run = (script: string) => {
      scripts.push(script);
      return nft(script);
    };
    const marks = createFlowMarks({
      run,
      isThere: (object) => isFirewallObjectThere(native, object),
      watch: (onChange) => watchFirewall(native, firewallTable, onChange),
      clock,
    });
    return { marks, scripts, [Symbol.asyncDispose]: () => marks[Symbol.asyncDispose]() };
  };

  test("nft takes the rules of sixteen uplinks, of one without addresses, and of every name that is markable", async () => {
    const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));
    const names = letters.filter((letter) => !'"\\*/:.'.includes(letter)).map((letter) => `a${letter}${letter}`);
    await using opened = open();
    const { marks } = opened;
    assert.deepEqual(await marks.want(uplinks), { kind: "done" });
    assert.deepEqual(await marks.want([{ interfaceName: "wan0", mark: 0x100, addresses: [] }]), { kind: "done" });
    const odd = names.map((interfaceName, index) => ({ interfaceName, mark: uplinkMark(index + 1), addresses: [] }));
    assert.deepEqual(await marks.want(odd), { kind: "done" });
    const text = listed();
    for (const name of names) assert.ok(text.includes(`"${name}"`), name);
  });

  test("a second process finds the table as it is wanted and runs nothing; after a flush it does", async () => {
    const first = open();
    await first.marks.want(uplinks);
    await first[Symbol.asyncDispose]();
    const text = listed();
    await using second = open();
    assert.deepEqual(await second.marks.want(uplinks), { kind: "unchanged" });
    assert.equal(second.scripts.length, 0);
    execFileSync("nft", ["flush", "ruleset"]);
    assert.deepEqual(await second.marks.want(uplinks), { kind: "done" });
    assert.equal(listed(), text);
  });

  test("other uplinks replace the table whole, and a purge leaves everybody else's", async () => {
    execFileSync("nft", ["add", "table", "inet", "somebody"]);
    const foreign = "table inet somebody {\n}\n";
    await using opened = open();
    const { marks } = opened;
    await marks.want(uplinks);
    await marks.want(uplinks.slice(1));
    assert.doesNotMatch(listed(), /wan0"|send-0x100\b/);
    assert.deepEqual(await marks.purge(), { kind: "done" });
    assert.equal(listed(), foreign);
    assert.deepEqual(await marks.purge(), { kind: "unchanged" });
  });

  test("what nft refuses changes nothing and is told in its words", async () => {
    await using opened = open();
    const { marks } = opened;
    await marks.want(uplinks);
    const text = listed();
    const nonsense = { interfaceName: "wan16", mark: uplinkMark(17), addresses: ["198.18.16" as IpAddress] };
    const outcome = await marks.want([...uplinks, nonsense]);
    assert.ok(outcome.kind === "refused" && outcome.detail.includes("198.18.16"));
    assert.equal(listed(), text);
    await marks.purge();
  });

  test("the kernel tells a table and a chain that are there from those that are not", () => {
    const isThere = (kind: "table" | "chain", name: string) =>
      isFirewallObjectThere(
        native,
        kind === "table" ? { kind, table: name } : { kind, table: firewallTable, chain: name },
      );
    assert.deepEqual([isThere("table", firewallTable), isThere("chain", "here")], [false, false]);
    execFileSync("nft", ["add", "table", "inet", firewallTable]);
    assert.deepEqual([isThere("table", firewallTable), isThere("chain", "here")], [true, false]);
    execFileSync("nft", ["add", "chain", "inet", firewallTable, "here"]);
    assert.deepEqual([isThere("table", "elsewhere"), isThere("chain", "here")], [false, true]);
    execFileSync("nft", ["delete", "table", "inet", firewallTable]);
  });

  test("a machine without nft is told so, and an nft that never ends is killed at its deadline", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ropewalk-nft-"));
    try {
      const clock = new FakeClock();
      const run = createNftProgram(clock, folder);
      assert.deepEqual(await run(""), { kind: "no-nft" });
      writeFileSync(join(folder, "nft"), "#!/bin/sh\nexec /bin/sleep 1000\n");
      chmodSync(join(folder, "nft"), 0o755);
      const late = run(flowMarkRules(uplinks));
      clock.advance(seconds(5));
      assert.deepEqual(await late, { kind: "refused", detail: "nft did not end within 5000 ms" });
      writeFileSync(join(folder, "nft"), "#!/bin/sh\nexit 3\n");
      assert.deepEqual(await run("x".repeat(1 << 20)), { kind: "refused", detail: "nft ended with 3" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
