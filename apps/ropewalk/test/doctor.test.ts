/** What doctor concludes from the facts it is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import type { HostAbilities } from "@ropewalk/host/ports";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { loadConfig } from "@ropewalk/ops/config";
import { deadRouteFindings } from "../src/doctor/dead-routes.ts";
import { kernelFindings, privilegeFindings } from "../src/doctor/kernel.ts";
import { probingFindings } from "../src/doctor/probing.ts";
import { reversePathFindings } from "../src/doctor/reverse-path.ts";

function twoUplinks() {
  const network = new FakeNetwork(new FakeClock());
  const [first, second] = ["eth0", "wwan0"].map((name, metric) => {
    const { ifindex } = network.addLink({ name });
    network.addAddress(ifindex, `192.0.2.${metric + 2}/24`);
    network.addRoute({ via: "192.0.2.1", ifindex, metric });
    return ifindex;
  });
  return { network, first: first ?? 0, second: second ?? 0 };
}

test("Linux' default is told with its cost: a pulled cable goes on swallowing traffic", () => {
  const { network } = twoUplinks();
  const [finding, ...rest] = deadRouteFindings(network.facts);
  assert.deepEqual(rest, [], "there is no IPv6 route to speak of");
  assert.equal(finding?.state, "lack");
  assert.match(finding.text, /eth0, wwan0/);
  assert.match(finding.cure ?? "", /net\.ipv4\.conf\.all\.ignore_routes_with_linkdown=1/);
});

test("with one way out there is nothing to lose by it, and it is only noted", () => {
  const { network, second } = twoUplinks();
  network.removeLink(second);
  assert.equal(deadRouteFindings(network.facts)[0]?.state, "note");
});

test("only the interfaces that still do so are named, and none when all pass over dead routes", () => {
  const { network, first, second } = twoUplinks();
  network.skipDeadRoutes("ipv4", first, true);
  const [one] = deadRouteFindings(network.facts);
  assert.match(one?.text ?? "", /by wwan0 stay/);
  network.skipDeadRoutes("ipv4", second, true);
  assert.equal(deadRouteFindings(network.facts)[0]?.state, "good");
  network.skipDeadRoutes("ipv4", second, false);
  network.skipDeadRoutes("ipv4", "all", true);
  assert.equal(deadRouteFindings(network.facts)[0]?.state, "good");
});

test("strict filtering by the reverse path is told by its interfaces where a standby would be deaf by it", () => {
  const { network, second } = twoUplinks();
  assert.equal(reversePathFindings(network.facts)[0]?.state, "good");
  network.setReversePathFilter(second, "strict");
  const [one] = reversePathFindings(network.facts);
  assert.equal(one?.state, "lack");
  assert.match(one?.text ?? "", /strict \(rp_filter 1\) on wwan0$/);
  assert.equal(one?.cure, "sysctl net.ipv4.conf.all.rp_filter=2");
  network.setReversePathFilter("all", "loose");
  assert.equal(reversePathFindings(network.facts)[0]?.state, "good", "what the cure does");
});

test("strict filtering costs nothing where there is one uplink, and nobody is told of it where there is none", () => {
  const { network, first, second } = twoUplinks();
  network.setReversePathFilter("all", "strict");
  network.removeLink(second);
  assert.equal(reversePathFindings(network.facts)[0]?.state, "note");
  network.removeLink(first);
  assert.deepEqual(reversePathFindings(network.facts), []);
});

function probing(content: string) {
  const loaded = loadConfig({ sections: { backhaul: backhaulSection }, text: { path: "a.toml", content }, env: {} });
  assert.ok(loaded.kind === "ok", JSON.stringify(loaded));
  return probingFindings(loaded.values.backhaul)
    .map(({ name, text, cost }) => `${name}: ${text}; ${cost}`)
    .join("\n");
}

test("what probing sends to whom is said, with the key that switches it off", () => {
  const text = probing("");
  assert.match(text, /profile: normal \(a pulse every 1 s, every kind of check every 30 s\)/);
  assert.match(text, /where it is metered eco \(a pulse every 60 s, every kind of check every 60 min\)/);
  assert.match(text, /backhaul\.probe\.enabled = false sends nothing/);
  assert.match(text, /targets: cloudflare 1\.1\.1\.1, .*quad9 2620:fe::fe/);
  assert.match(text, /also asked: each uplink's own resolvers for dns\.google, http:.*204 for a page.*, the gateways/);
});

test("what is switched off is not said to be asked, and nothing is when probing is off", () => {
  const some = probing("[backhaul.probe.http]\nenabled = false\n[backhaul.probe.dns]\nenabled = false\n");
  assert.match(some, /also asked: the gateways;/);
  const none = probing("[backhaul.probe]\nenabled = false\n");
  assert.equal(none, "probes: off: backhaul.probe.enabled = false; uplinks with a way out stay unknown");
});

const everything: HostAbilities = {
  kernelRelease: "6.1.0",
  isRoot: true,
  netAdmin: true,
  netRaw: true,
  pingSocket: { ipv4: false, ipv6: false },
  bindToDevice: true,
  socketMark: true,
  ipv6: true,
};

test("a machine that has everything lacks nothing; each lack says what it costs and how to cure it", () => {
  const all = (abilities: HostAbilities) => [
    ...kernelFindings(abilities),
    ...privilegeFindings(abilities, 1000, false),
  ];
  assert.deepEqual(
    all(everything).filter(({ state }) => state === "lack" || state === "fault"),
    [],
  );
  const nothing = { ...everything, isRoot: false, netAdmin: false, netRaw: false, bindToDevice: false, ipv6: false };
  const lacks = all(nothing).filter(({ state }) => state === "lack");
  assert.deepEqual(
    lacks.map(({ name }) => name),
    ["IPv6", "ICMP", "sockets bound to one uplink", "CAP_NET_ADMIN"],
  );
  for (const { name, cost, cure } of lacks) assert.ok(cost !== null && cure !== null, name);
});

test("who is to move traffic and may not is told so, and who only watches that it costs nothing yet", () => {
  const admin = (netAdmin: boolean, isToMove: boolean) => {
    const findings = privilegeFindings({ ...everything, netAdmin }, 1000, isToMove);
    const finding = findings.find(({ name }) => name === "CAP_NET_ADMIN");
    return `${finding?.state}: ${finding?.text}; ${finding?.cost}`;
  };
  assert.match(admin(false, true), /^lack: not held; .* moves no traffic/);
  assert.match(admin(false, false), /^lack: not held; nothing while Ropewalk only watches/);
  assert.match(admin(true, true), /^good: held; moving traffic needs it/);
});
