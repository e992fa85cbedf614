/** A plan as what an operator would type, word for word. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nothingPending } from "@ropewalk/backhaul/pure/pending-names";
import { planSteps } from "@ropewalk/backhaul/pure/steering/plan-steps";
import type { SteeringPlan } from "@ropewalk/backhaul/pure/steering/steering-plan";
import type { StandingAddress } from "@ropewalk/host/address-lifetimes";
import { uplinkMark } from "@ropewalk/host/allocations";
import { flowMarkRules, replaceTable } from "@ropewalk/host/flow-mark-ruleset";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";

const nothing: SteeringPlan = {
  leases: [],
  settings: [],
  names: nothingPending,
  changes: [],
  deprecated: [],
  marks: undefined,
};

const stepsOf = (part: Partial<SteeringPlan>) => planSteps({ ...nothing, ...part }, (ifindex) => `wan${ifindex}`);
const commandsOf = (part: Partial<SteeringPlan>) => stepsOf(part).map(({ command }) => command);

const address: StandingAddress = {
  ifindex: 1,
  address: ipAddress("2001:db8:1::2"),
  peer: ipAddress("2001:db8:1::2"),
  prefixLength: 64,
  preferred: seconds(60),
  valid: seconds(3_600),
  flags: ["mngtmpaddr", "noprefixroute"],
};

test("nothing that is not so is nothing to do", () => {
  assert.deepEqual(stepsOf({}), []);
});

test("a plain list of resolvers is written anew, whatever is in its lines and its name", () => {
  const file = { path: "/etc/it's here", lines: ["options edns0", "search it's.example", "nameserver 192.0.2.1"] };
  assert.deepEqual(stepsOf({ names: { file, orders: [] } }), [
    {
      action: "set",
      of: "resolvers",
      command: String.raw`printf '%s\n' 'options edns0' 'search it'\''s.example' 'nameserver 192.0.2.1' > '/etc/it'\''s here'`,
    },
  ]);
});

test("systemd-resolved is told of each link whose servers answer, and keeps those that networkd tells it", () => {
  const orders = [
    { ifindex: 1, name: "wan1", servers: [ipAddress("192.0.2.1"), ipAddress("2001:db8::53")], isForEveryName: true },
    { ifindex: 2, name: "wan2", servers: undefined, isForEveryName: false },
  ];
  assert.deepEqual(commandsOf({ names: { file: undefined, orders } }), [
    "resolvectl dns wan1 192.0.2.1 2001:db8::53",
    "resolvectl default-route wan1 yes",
    "resolvectl default-route wan2 no",
  ]);
});

test("an address is deprecated with all said again that the kernel would reset", () => {
  const far = { ...address, peer: ipAddress("2001:db8:9::9"), prefixLength: 128, valid: "forever", flags: [] } as const;
  assert.deepEqual(commandsOf({ deprecated: [address, far] }), [
    "ip -6 address change 2001:db8:1::2/64 dev wan1 mngtmpaddr noprefixroute valid_lft 3600 preferred_lft 0",
    "ip -6 address change 2001:db8:1::2 peer 2001:db8:9::9/128 dev wan1 valid_lft forever preferred_lft 0",
  ]);
});

test("the marks of forwarded flows are one word to nft, in one line", () => {
  const rules = flowMarkRules([{ interfaceName: "it's", mark: uplinkMark(1), addresses: [] }]);
  const [step, ...more] = stepsOf({ marks: replaceTable(rules, "seal") });
  assert.deepEqual([step?.of, more], ["marks", []]);
  const command = step?.command ?? "";
  assert.ok(
    command.startsWith("nft 'table inet ropewalk; delete table inet ropewalk; table inet ropewalk { chain seal"),
  );
  assert.ok(command.includes(String.raw`"it'\''s"`) && !command.includes("\n"), command);
});
