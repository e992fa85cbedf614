/** The watch of rules against iproute2, which makes them and says what there is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuleFacts } from "@ropewalk/host/facts";
import { createNative } from "@ropewalk/host/linux/native";
import { watchRules } from "@ropewalk/host/linux/rule-watch";
import type { RuleWatch } from "@ropewalk/host/ports";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { differences } from "./agreement.ts";
import { ipRules } from "./ip-facts.ts";
import { ipBatch } from "./namespace-world.ts";

const deadlineMs = 30_000;

/** Resolves once the rules satisfy `isSo`; rejects with what they are when they never do. */
async function rulesUntil(watch: RuleWatch, isSo: (rules: readonly RuleFacts[]) => boolean): Promise<void> {
  if (isSo(watch.rules)) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`there are ${watch.rules.length} rules`)), deadlineMs);
  using _subscription = watch.subscribe(() => {
    if (isSo(watch.rules)) resolve();
  });
  await promise.finally(() => clearTimeout(timer));
}

const agrees = (watch: RuleWatch) => differences(watch.rules, ipRules()).length === 0;
const isAt = (priority: number) => (rule: RuleFacts) => rule.priority === priority;

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();

  test("the rules that there are when it starts, and each that comes and goes, are those of iproute2", async () => {
    ipBatch(["rule add from 192.0.2.0/24 lookup 300 priority 900", "-6 rule add fwmark 0x1 lookup 301 priority 901"]);
    using watch = watchRules(native);
    assert.deepEqual(differences(watch.rules, ipRules()), []);
    ipBatch([
      "rule add fwmark 0x100/0xff00 lookup 302 priority 902 protocol 201",
      "rule add from 198.51.100.2 lookup main suppress_prefixlength 0 priority 903",
      "-6 rule add from 2001:db8::/32 lookup 304 priority 904",
      "rule del priority 900",
    ]);
    await rulesUntil(watch, (rules) => rules.some(isAt(904)) && !rules.some(isAt(900)));
    assert.deepEqual(differences(watch.rules, ipRules()), []);
    assert.equal(watch.rules.find(isAt(903))?.suppressPrefixLength, 0);
    assert.equal(watch.rules, watch.rules, "the same object until something changes");
  });

  test("after more events than its socket holds it is right again", async () => {
    using watch = watchRules(native);
    for (let round = 0; round < 4; round += 1) {
      const lines = Array.from(
        { length: 2_000 },
        (_, index) => `rule add from 10.${round}.${index >> 8}.${index & 255} lookup 400`,
      );
      ipBatch(lines);
      if (round < 3) ipBatch(lines.map((line) => line.replace("add", "del")));
    }
    await rulesUntil(watch, (rules) => rules.length >= 2_000);
    await rulesUntil(watch, () => agrees(watch));
    ipBatch(["rule flush", "rule add lookup main priority 32766"]);
    await rulesUntil(watch, () => agrees(watch));
  });

  test("whoever left hears no more, and a closed watch is silent", async () => {
    const watch = watchRules(native);
    let calls = 0;
    const subscription = watch.subscribe(() => {
      calls += 1;
    });
    ipBatch(["rule add lookup 500 priority 950"]);
    await rulesUntil(watch, (rules) => rules.some(isAt(950)));
    assert.equal(calls, 1);
    subscription[Symbol.dispose]();
    ipBatch(["rule add lookup 500 priority 951"]);
    await rulesUntil(watch, (rules) => rules.some(isAt(951)));
    assert.equal(calls, 1);
    watch[Symbol.dispose]();
    watch[Symbol.dispose]();
  });
});
