/** The unit of a device, with a systemctl of the test's own, which starts what the unit starts. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { endWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { startWireGuardUnit, stopWireGuardUnit } from "@ropewalk/host/linux/wireguard-unit";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ownSockets } from "./wireguard-world.ts";

inOwnNamespace(import.meta.filename, () => {
  ownSockets();
  const clock = createSystemClock();
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-unit-"));
  const deps = { clock, programFolders: [folder] };
  const log = join(folder, "asked");
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => endWireGuardGo("wg0", { clock }));

  function systemctl(does: string): void {
    writeFileSync(
      join(folder, "systemctl"),
      `#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\necho "$@" >> ${log}\n${does}\n`,
    );
    chmodSync(join(folder, "systemctl"), 0o755);
  }

  test("a device that does not answer is started by its unit, once", async () => {
    systemctl("wireguard-go wg0 >/dev/null 2>&1");
    assert.equal(await startWireGuardUnit("wg0", deps), "started");
    assert.equal(await startWireGuardUnit("wg0", deps), "there");
    assert.equal(readFileSync(log, "utf8"), "--no-ask-password start ropewalk-wireguard@wg0.service\n");
  });

  test("what systemd says, a unit without a device, and a machine without systemctl are told", async () => {
    systemctl("echo 'Unit ropewalk-wireguard@wg0.service not found.' >&2; exit 5");
    await assert.rejects(startWireGuardUnit("wg0", deps), {
      code: "HOST_WIREGUARD_START",
      message: "systemctl start ropewalk-wireguard@wg0.service: Unit ropewalk-wireguard@wg0.service not found.",
    });
    await stopWireGuardUnit("wg0", deps);
    systemctl("true");
    await assert.rejects(startWireGuardUnit("wg0", deps), /no device wg0 answers: journalctl -u/);
    await assert.rejects(startWireGuardUnit("wg0", { ...deps, programFolders: ["/nowhere"] }), /no systemctl/);
    await assert.rejects(startWireGuardUnit("w!", deps), /cannot be the name of a unit/);
    await stopWireGuardUnit("wg0", deps);
  });
});
