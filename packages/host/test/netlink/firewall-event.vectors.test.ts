/** What the kernel really told of nftables, and what it meant for our table. Expected values are those of the commands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFirewallEvent } from "../../src/netlink/firewall-event.ts";
import { isMalformed } from "../../src/netlink/malformed.ts";
import { changeBy, type FirewallChange, newTransaction, observe } from "../../src/pure/firewall-transaction.ts";
import { captured } from "./captures.ts";

/** The changes of the table in what followed the command. */
function changes(command: string, table = "ropewalk"): readonly (FirewallChange | undefined)[] {
  let transaction = newTransaction;
  return captured(command).flatMap((message) => {
    const event = decodeFirewallEvent(message, table);
    assert.ok(!isMalformed(event));
    if (event === undefined) return [];
    if (event.kind === "committed") return [changeBy(transaction, event.by)];
    transaction = observe(transaction, event);
    return [];
  });
}

const nft = (pid: number) => ({ name: "nft", pid });

test("a table that is made, or made anew in one transaction, is told with its first chain", () => {
  assert.deepEqual(changes("nft -f, table inet ropewalk { chain as-1, set uplinks, chain forward }"), [
    { kind: "made", firstChain: "as-1", by: nft(27_337) },
  ]);
  assert.deepEqual(changes("nft -f, the table deleted, and made with chain as-2, chain forward"), [
    { kind: "made", firstChain: "as-2", by: nft(27_340) },
  ]);
});

test("whatever else is done to the table is a change of it", () => {
  const commands = [
    "nft add set inet ropewalk uplinks { type ifname; elements = { wan0 }; }",
    "nft delete element inet ropewalk uplinks { wan0 }",
    "nft flush chain inet ropewalk forward",
    "nft add table inet ropewalk { flags dormant; }",
    "nft flush ruleset",
  ];
  for (const command of commands) {
    const [change, ...more] = changes(command);
    assert.equal(change?.kind, "changed", command);
    assert.deepEqual(more, []);
  }
});

test("what is done to others is no change of ours, also of one with our name in another family", () => {
  assert.deepEqual(changes("nft add table inet somebody { chain theirs { } ; }"), [undefined]);
  assert.deepEqual(changes("nft add table ip ropewalk"), [undefined]);
  assert.deepEqual(changes("nft add table inet somebody { chain theirs { } ; }", "somebody"), [
    { kind: "made", firstChain: "theirs", by: nft(27_353) },
  ]);
});

test("a table that is made and loses something in one transaction is changed, and one without a chain too", () => {
  const made = observe(observe(newTransaction, { kind: "table-made" }), { kind: "chain-made", chain: "as-1" });
  assert.equal(observe(made, { kind: "object-made" }), made);
  assert.equal(observe(made, { kind: "chain-made", chain: "forward" }), made);
  assert.equal(changeBy(observe(made, { kind: "object-removed" }), undefined)?.kind, "changed");
  assert.equal(changeBy(observe(newTransaction, { kind: "table-made" }), undefined)?.kind, "changed");
});

test("a program that calls itself by control letters is told without them", () => {
  const message = captured("nft flush ruleset").at(-1);
  assert.ok(message !== undefined);
  const payload = message.payload.slice();
  const at = payload.length - 4;
  payload[at] = 0x1b;
  const event = decodeFirewallEvent({ ...message, payload }, "ropewalk");
  assert.deepEqual(event, { kind: "committed", by: { name: "?ft", pid: 27_357 } });
});
