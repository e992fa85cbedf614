/** The [tunnel] table: what holds without it, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { tunnelSection } from "@ropewalk/tunnel/config";

const load = (content: string) =>
  loadConfig({ sections: { tunnel: tunnelSection }, text: { path: "a.toml", content }, env: {} });

test("without a table the mode is hybrid, whoever the CA signed is let in, and strangers have their bounds", () => {
  const loaded = load("");
  assert(loaded.kind === "ok");
  assert.deepEqual(loaded.values.tunnel.handshake, { within: 10_000, unheard: 256, begun: 96, rate: 20, burst: 40 });
  const { mode, allow, authorities, revocationLists } = loaded.values.tunnel;
  assert.deepEqual(
    { mode, allow, authorities, revocationLists },
    { mode: "hybrid", allow: undefined, authorities: [], revocationLists: [] },
  );
});

test("an empty list of names, a mode that there is none, and settings of another program are faults that say what to do", () => {
  const faulty: readonly (readonly [content: string, expected: RegExp])[] = [
    ["allow = []", /tunnel\.allow.*an empty list lets nobody in; leave it out/],
    ['mode = "mceliece"', /tunnel\.mode/],
    ["use_mtls = false", /both ends always show a certificate/],
    ['kem_mode = "hybrid"', /is now tunnel\.mode/],
    ["handshake.begun = 0", /tunnel\.handshake\.begun/],
  ];
  for (const [content, expected] of faulty) {
    const loaded = load(`[tunnel]\n${content}`);
    assert(loaded.kind === "faults", content);
    assert.match(loaded.faults.map(describeFault).join("\n"), expected);
  }
});
