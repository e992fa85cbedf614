/** The script that udhcpc runs, with the real `ip` and in a shell that is given whatever a server may say. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { parseLease } from "@ropewalk/host/lease-text";
import { createLeaseFolder } from "../../src/linux/lease-folder.ts";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const usual = {
  interface: "wan0",
  ip: "198.18.8.2",
  mask: "24",
  lease: "120",
  router: "198.18.8.1",
  dns: "192.0.2.53",
};

inOwnNamespace(import.meta.filename, () => {
  const path = mkdtempSync(join(tmpdir(), "ropewalk-leases-"));
  const folder = createLeaseFolder(path);
  const file = join(path, "wan0.lease");
  ipBatch(["link add wan0 type veth peer name isp0", "link set wan0 up", "link set isp0 up"]);
  after(() => rmSync(path, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(path, { recursive: true, force: true });
    folder.prepare();
    ipBatch(["address flush dev wan0"]);
  });

  /** One client that says these events in order; the status of the last. */
  function client(events: readonly string[], env: Readonly<Record<string, string>> = {}): number | null {
    const script = `${events.map((event) => `"$0" ${event}`).join("; ")}; exit $?`;
    return spawnSync("sh", ["-c", script, folder.script], { env: { ...usual, ...env } }).status;
  }
  const held = () =>
    execFileSync("ip", ["-4", "-oneline", "address", "show", "dev", "wan0"], { encoding: "utf8" }).trim();

  test("only who runs Ropewalk may read or change it", () => {
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(folder.script).mode & 0o777, 0o700);
    client(["bound"]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test("a lease becomes an address for as long as it lasts, a file that can be read, and no route", () => {
    assert.equal(client(["bound"]), 0);
    assert.match(held(), /inet 198\.18\.8\.2\/24 .*noprefixroute .*valid_lft 1\d\dsec preferred_lft 1\d\dsec/);
    assert.equal(execFileSync("ip", ["route", "show", "dev", "wan0"], { encoding: "utf8" }), "");
    assert.deepEqual(parseLease(readFileSync(file, "utf8"))?.wayOut, { gateway: "198.18.8.1" });
    assert.equal(client(["renew"], { lease: "4294967295" }), 0);
    assert.match(held(), /valid_lft forever/);
  });

  test("another address takes the place of the one before, of the same network too", () => {
    client(["bound"]);
    for (const ip of ["198.18.8.3", "198.18.9.2"]) {
      assert.equal(client(["renew"], { ip }), 0);
      assert.equal(held().split("\n").length, 1);
      assert.ok(held().includes(`inet ${ip}/24`));
    }
  });

  test("a client that begins takes nothing away that an earlier one got, and its own goes with it", () => {
    client(["bound"]);
    client(["deconfig"]);
    assert.match(held(), /198\.18\.8\.2/);
    client(["bound", "deconfig"]);
    assert.equal(held(), "");
    assert.equal(existsSync(file), false);
    client(["deconfig", "leasefail", "nak"]);
    assert.equal(held(), "");
  });

  test("nothing that a server says is done by the shell", () => {
    const trap = join(path, "trap");
    const says = [
      `$(touch ${trap})`,
      `\`touch ${trap}\``,
      `"; touch ${trap}; "`,
      `x\ntouch ${trap}`,
      "-batch /etc/passwd",
    ];
    for (const said of says) {
      for (const key of ["ip", "mask", "lease", "router", "dns", "staticroutes", "opt43"])
        client(["bound"], { [key]: said });
      assert.equal(existsSync(trap), false, said);
    }
    for (const ip of ["127.0.0.5", "0.0.0.0", "224.0.0.1", "255.255.255.255"]) {
      rmSync(file, { force: true });
      ipBatch(["address flush dev wan0"]);
      assert.equal(client(["bound"], { ip }), 1, ip);
      assert.equal(held(), "", ip);
    }
  });

  test("a lease that cannot be written down is held on to only if it is the one that is", () => {
    client(["bound"]);
    ipBatch(["address change 198.18.8.2/24 dev wan0 valid_lft 10 preferred_lft 10"]);
    // A folder in the place of the draft is what a disk that takes nothing looks like.
    execFileSync("mkdir", [`${file}.draft`]);
    assert.equal(client(["renew"]), 0);
    assert.match(held(), /valid_lft 1\d\dsec/);
    assert.equal(client(["renew"], { ip: "198.18.9.2" }), 1);
    assert.doesNotMatch(held(), /198\.18\.9\.2/);
  });
});
