/** The text of our resolv.conf, and how it is told from others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isOurResolvConf, ourResolvConf, writtenServers } from "@ropewalk/backhaul/pure/resolv-conf-text";
import type { AskedLink } from "@ropewalk/backhaul/pure/resolver-plan";
import { ipAddress } from "@ropewalk/kernel/addresses";

const link = (...servers: readonly string[]): AskedLink => ({
  ifindex: 2,
  name: "wan0",
  servers: servers.map(ipAddress),
  source: "lease",
});

test("directives stay, comments and servers go, and our line comes first", () => {
  const before = "# by hand\nsearch a.example\nnameserver 192.0.2.1\noptions edns0\n\ndomain b.example";
  const [first, ...rest] = ourResolvConf(before, [link("192.0.2.53", "2001:db8::53")]).split("\n");
  assert.match(first ?? "", /^# Written by Ropewalk \([\da-f]{8}\) .*ropewalk uplink purge/);
  assert.deepEqual(rest, [
    ...["search a.example", "options edns0", "domain b.example"],
    ...["nameserver 192.0.2.53", "nameserver 2001:db8::53", ""],
  ]);
});

test("three servers are written, each once, in the order of the links", () => {
  const text = ourResolvConf("", [link("192.0.2.1", "192.0.2.2"), link("192.0.2.1", "192.0.2.3", "192.0.2.4")]);
  assert.deepEqual(writtenServers(text), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
});

test("a link-local server is written with its link", () => {
  const text = ourResolvConf("", [link("fe80::1")]);
  assert.match(text, /^nameserver fe80::1%wan0$/m);
  assert.deepEqual(writtenServers(text), ["fe80::1"]);
});

test("ours is what was written, also with empty lines behind it", () => {
  const ours = ourResolvConf("search a.example\n", [link("192.0.2.53")]);
  assert.equal(isOurResolvConf(ours), true);
  assert.equal(isOurResolvConf(`${ours}\n\n\n`), true);
});

test("what anybody changed of it is not ours, and another text never is", () => {
  const ours = ourResolvConf("search a.example\n", [link("192.0.2.53")]);
  for (let index = 0; index < ours.length - 1; index += 1) {
    const isOutsideCheck = index > ours.indexOf(")") && index < ours.indexOf("\n");
    const changed = `${ours.slice(0, index)}~${ours.slice(index + 1)}`;
    assert.equal(isOurResolvConf(changed), isOutsideCheck, changed);
  }
  assert.equal(isOurResolvConf(`${ours}nameserver 192.0.2.1\n`), false);
  assert.equal(isOurResolvConf("nameserver 192.0.2.1\n"), false);
  assert.equal(isOurResolvConf(""), false);
});
