/** What doctor says to a node that is to move traffic of whoever else manages the network. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { parsePrefix } from "@ropewalk/kernel/addresses";
import { networkdConfiguration, ownerOf } from "../src/compose/link-owners.ts";
import { type CoexistenceFacts, coexistenceFindings } from "../src/doctor/coexistence.ts";
import { foreignKeysOf } from "../src/doctor/networkd-config.ts";

const nothing: CoexistenceFacts = { owned: [], networkdForeignKeys: [], rules: [], defaultRoutes: [] };
const found = (facts: Partial<CoexistenceFacts>) =>
  coexistenceFindings({ ...nothing, ...facts }).map(
    ({ state, name, text, cure }) => `${state} ${name}: ${text}; ${cure}`,
  );

const rule: RuleFacts = {
  family: "ipv4",
  priority: 100,
  table: 254,
  protocol: 0,
  source: undefined,
  destination: undefined,
  mark: undefined,
  suppressPrefixLength: undefined,
  inputInterface: undefined,
  outputInterface: undefined,
};

const folder = mkdtempSync(join(tmpdir(), "ropewalk-owners-"));
after(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test("networkd is told to leave others alone by two keys, the last of which counts, and only under [Network]", () => {
  const both = ["ManageForeignRoutingPolicyRules", "ManageForeignRoutes"];
  assert.deepEqual(foreignKeysOf([]), both);
  assert.deepEqual(foreignKeysOf(["[DHCPv4]\nManageForeignRoutes=no\n"]), both);
  assert.deepEqual(foreignKeysOf(["[Network]\nManageForeignRoutes = no\n#ManageForeignRoutingPolicyRules=no"]), [
    both[0],
  ]);
  const off = "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=false\n";
  assert.deepEqual(foreignKeysOf([off]), []);
  assert.deepEqual(foreignKeysOf([off, "[Network]\nManageForeignRoutes=yes\n"]), [both[1]]);
});

test("of networkd's files a drop-in counts more than the main file, and of equal names /etc's", () => {
  write("usr/lib/systemd/networkd.conf", "vendor");
  write("etc/systemd/networkd.conf", "main");
  write("usr/lib/systemd/networkd.conf.d/10-a.conf", "hidden");
  write("etc/systemd/networkd.conf.d/10-a.conf", "first");
  write("run/systemd/networkd.conf.d/20-b.conf", "second");
  write("etc/systemd/networkd.conf.d/notes.txt", "none");
  assert.deepEqual(networkdConfiguration(folder), ["main", "first", "second"]);
});

test("an interface is networkd's, NetworkManager's or dhcpcd's by what they leave in /run", () => {
  write("run/systemd/netif/links/2", "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/wan.network\n");
  write("run/systemd/netif/links/3", "ADMIN_STATE=unmanaged\n");
  write("run/NetworkManager/devices/3", "[device]\nmanaged=true\n");
  write("run/NetworkManager/devices/4", "[device]\nmanaged=false\n");
  write("run/dhcpcd/eth5.pid", "7\n");
  const owners = [2, 3, 4, 5].map((ifindex) => ownerOf({ ifindex, name: `eth${ifindex}` }, folder));
  assert.deepEqual(owners, ["systemd-networkd", "NetworkManager", undefined, "dhcpcd"]);
});

test("only networkd needs settings, and they are named one by one", () => {
  const owned = [
    { interfaceName: "eth0", owner: "NetworkManager" },
    { interfaceName: "eth1", owner: "systemd-networkd" },
  ] as const;
  const [manager, networkd, ...rest] = found({ owned, networkdForeignKeys: ["ManageForeignRoutes"] });
  assert.deepEqual(rest, []);
  assert.match(manager ?? "", /^good uplinks of NetworkManager: eth0: .*nothing is to be set/);
  assert.match(networkd ?? "", /^lack uplinks of systemd-networkd: eth1: .*\[Network\]: ManageForeignRoutes=no; then/);
  assert.match(found({ owned })[1] ?? "", /^good uplinks of systemd-networkd/);
});

test("mwan3's mask is told of; Tailscale's, wg-quick's exact mark and our own rules are not", () => {
  const marked = (value: number, mask: number) => ({ ...rule, mark: { value, mask } });
  assert.match(found({ rules: [marked(0x100, 0x3f00)] }).join(), /^lack marks: rule 100 .*0x3f00/);
  const own = { ...marked(0x100, 0xff00), protocol: 201 };
  assert.deepEqual(found({ rules: [marked(0x80_000, 0xff_0000), marked(0xca6c, 0xffff_ffff), own] }), []);
});

test("rules of our priorities, rules that come behind ours, and routes in our tables are told of", () => {
  assert.match(found({ rules: [{ ...rule, priority: 1_000, table: 7 }] }).join(), /^lack priorities: .*1000/);
  const wgQuick = { ...rule, priority: 32_765, table: 51_820 };
  const own = { ...rule, priority: 32_765, table: 200, protocol: 201 };
  assert.match(found({ rules: [own, wgQuick] }).join(), /^lack rules behind Ropewalk's: rule 32765 .*51820/);
  assert.deepEqual(found({ rules: [wgQuick, own] }), [], "the older of two with one priority counts first");
  assert.deepEqual(
    found({
      rules: [
        { ...wgQuick, priority: 999 },
        { ...rule, priority: 32_766 },
      ],
    }),
    [],
  );
  const route: RouteFacts = {
    family: "ipv4",
    table: 101,
    destination: parsePrefix("0.0.0.0/0") ?? assert.fail(),
    type: "unicast",
    protocol: 4,
    metric: 0,
    preferredSource: undefined,
    nextHops: [],
    nextHopId: undefined,
  };
  assert.match(found({ defaultRoutes: [route] }).join(), /^note tables: .* 101/);
  assert.deepEqual(found({ defaultRoutes: [{ ...route, protocol: 201 }] }), []);
});
