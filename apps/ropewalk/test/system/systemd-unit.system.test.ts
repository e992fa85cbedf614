/** The systemd units are valid, and give the daemons as little as they need. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const folder = join(import.meta.dirname, "../../../../deploy/systemd");
const names = [
  ...["ropewalk", "ropewalk-tunnel-source", "ropewalk-tunnel-destination"],
  ...["ropewalk-wireguard@", "ropewalk-core", "ropewalk-entry"],
];

for (const name of names) {
  const unit = join(folder, `${name}.service`);
  const analyze = (...words: readonly string[]) => spawnSync("systemd-analyze", [...words, unit], { encoding: "utf8" });

  test(`systemd finds no fault in ${name}.service`, () => {
    const { status, stderr } = analyze("verify");
    assert.equal(stderr, "");
    assert.equal(status, 0);
  });

  test(`the exposure of ${name}.service is below 3.0 of 10`, () => {
    const { status, stdout } = analyze("security", "--offline=true", "--threshold=30");
    assert.equal(status, 0, stdout);
  });
}

test("the node's unit lets probes out, and says how to keep everything in for a node that sends none", () => {
  const text = readFileSync(join(folder, "ropewalk.service"), "utf8");
  assert.doesNotMatch(text, /^IPAddressDeny=/m);
  assert.match(text, /^# .*probe\.enabled = false: IPAddressDeny=any/m);
});

test("the tunnel's units wait longer than its streams may take to finish, and differ in nothing but their role", () => {
  const [source, destination] = ["source", "destination"].map((role) => {
    const text = readFileSync(join(folder, `ropewalk-tunnel-${role}.service`), "utf8");
    assert.match(text, /^TimeoutStopSec=45s$/m);
    return text.split("\n").slice(1).join("\n").replaceAll(role, "ROLE");
  });
  assert.equal(source, destination);
});

test("the unit of a WireGuard device hangs on no other, and may do what its program needs and no more", () => {
  const text = readFileSync(join(folder, "ropewalk-wireguard@.service"), "utf8");
  assert.match(text, /^CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_BIND_SERVICE$/m);
  assert.doesNotMatch(text, /^(?:PartOf|BindsTo|Requires)=/m);
});
