/** What keeps an exit from starting. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { coreSection } from "@ropewalk/vpn/node/config";
import { lackingSettings, productionFaults } from "@ropewalk/vpn/node/pure/guardrails";

function core(content: string) {
  const loaded = loadConfig({ sections: { core: coreSection }, env: {}, text: { path: "t", content } });
  assert.ok(loaded.kind === "ok");
  return loaded.values.core;
}

const good = core('[core]\nendpoint = "exit.example:51820"\n[core.entry]\naddresses = ["entry.example:7441"]');
const facts = { uid: 990, files: [{ path: "/etc/key", owner: 990, mode: 0o100600 }], privateKey: "another" };

test("what no exit starts without is asked for all at once", () => {
  assert.deepEqual(
    lackingSettings(core("")).map((text) => text.split(" ")[0]),
    ["core.endpoint", "core.control.certificate", "core.control.key", "core.control.authorities"],
  );
});

test("production with a good configuration is let start", () => {
  assert.deepEqual(productionFaults(good, facts), []);
  assert.deepEqual(productionFaults(good, { ...facts, files: [{ path: "/tmp", owner: 0, mode: 0o041777 }] }), []);
});

test("production refuses an endpoint that nobody reaches, an exit that entry does not hear of, and keys out of books", () => {
  for (const host of ["127.0.0.1", "localhost", "0.0.0.0", "169.254.1.1"]) {
    const { entry } = good;
    const [fault = ""] = productionFaults({ entry, endpoint: core(`[core]\nendpoint = "${host}:1"`).endpoint }, facts);
    assert.match(fault, /no customer reaches/);
  }
  assert.match(productionFaults({ ...good, entry: core("").entry }, facts).join(), /core\.entry\.addresses is empty/);
  const privateKey = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
  assert.match(productionFaults(good, { ...facts, privateKey }).join(), /printed in a manual/);
});

test("production refuses files that others may change", () => {
  const faultsOf = (owner: number, mode: number) =>
    productionFaults(good, { ...facts, files: [{ path: "/x", owner, mode }] }).join();
  assert.match(faultsOf(1_000, 0o600), /belongs to user 1000/);
  assert.match(faultsOf(0, 0o622), /may be written by others: chmod go-w/);
  assert.equal(faultsOf(0, 0o644), "");
});
