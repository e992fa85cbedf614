/** Settings on the real kernel, as sysctl's files tell them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import type { Setting } from "@ropewalk/host/settings";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const written = (path: string) => readFileSync(`/proc/sys/net/${path}`, "latin1").trim();

inOwnNamespace(import.meta.filename, () => {
  const files = createSettingFiles();
  const filter: Setting & { readonly kind: "interface" } = {
    kind: "interface",
    family: "ipv4",
    interfaceName: "wan0",
    name: "rp_filter",
  };

  test("what is written is what the kernel has, for both families, and is read back", () => {
    ipBatch(["link add wan0 type veth peer name isp0"]);
    assert.equal(files.write({ ...filter, value: 2 }), undefined);
    assert.equal(written("ipv4/conf/wan0/rp_filter"), "2");
    assert.equal(files.read(filter), 2);
    for (const family of ["ipv4", "ipv6"] as const) {
      const skip: Setting = { ...filter, family, name: "ignore_routes_with_linkdown" };
      assert.equal(files.read(skip), 0);
      assert.equal(files.write({ ...skip, value: 1 }), undefined);
      assert.equal(written(`${family}/conf/wan0/ignore_routes_with_linkdown`), "1");
    }
  });

  test("a setting of the host is of its own network namespace, for both families", () => {
    for (const family of ["ipv4", "ipv6"] as const) {
      const hash: Setting = { kind: "host", family, name: "fib_multipath_hash_policy" };
      assert.equal(files.read(hash), 0);
      assert.equal(files.write({ ...hash, value: 1 }), undefined);
      assert.equal(written(`${family}/fib_multipath_hash_policy`), "1");
    }
  });

  test("an interface or a setting that is not there has no value, is told when written, and nothing is made", () => {
    const gone: Setting = { ...filter, interfaceName: "wan9" };
    assert.equal(files.read(gone), undefined);
    assert.match(files.write({ ...gone, value: 2 }) ?? "", /ENOENT/);
    assert.equal(files.read({ ...filter, family: "ipv6" }), undefined, "IPv6 has no rp_filter");
    for (const interfaceName of ["../all", "..", "a/b", ""]) {
      assert.equal(files.read({ ...filter, interfaceName }), undefined);
      assert.match(files.write({ ...filter, interfaceName, value: 2 }) ?? "", /no interface's name/);
    }
    assert.match(files.write({ ...filter, value: Number.NaN }) ?? "", /EINVAL/);
  });
});
