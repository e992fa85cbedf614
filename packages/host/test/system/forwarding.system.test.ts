/** When a host forwards, by the settings of a namespace of its own. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { isForwarding } from "@ropewalk/host/linux/forwarding";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const set = (name: string, value: number) => writeFileSync(`/proc/sys/net/${name}`, `${value}\n`);
const both = () => [isForwarding(["ipv4"]), isForwarding(["ipv6"])];

inOwnNamespace(import.meta.filename, () => {
  ipBatch(["link add name lan0 type veth peer name lan0p"]);
  // Written while it is off, "all" would leave what was set for one.
  const off = () => {
    for (const name of ["all", "default", "lan0"]) {
      for (const family of ["ipv4", "ipv6"]) set(`${family}/conf/${name}/forwarding`, 0);
    }
  };
  off();
  afterEach(off);

  test("a host forwards nothing", () => {
    assert.deepEqual(both(), [false, false]);
  });

  test("each family is told by itself", () => {
    set("ipv4/ip_forward", 1);
    assert.deepEqual(both(), [true, false]);
    set("ipv4/ip_forward", 0);
    set("ipv6/conf/all/forwarding", 1);
    assert.deepEqual(both(), [false, true]);
    assert.equal(isForwarding(), true);
  });

  test("one interface that forwards is enough for IPv4, and means nothing for IPv6", () => {
    set("ipv4/conf/lan0/forwarding", 1);
    set("ipv6/conf/lan0/forwarding", 1);
    assert.deepEqual(both(), [true, false]);
  });

  test("the setting of interfaces to come is no forwarding", () => {
    set("ipv4/conf/default/forwarding", 1);
    assert.deepEqual(both(), [false, false]);
  });

  const forced = "ipv6/conf/lan0/force_forwarding";
  test("an interface that is forced to forward IPv6 does", { skip: !existsSync(`/proc/sys/net/${forced}`) }, () => {
    set(forced, 1);
    assert.deepEqual(both(), [false, true]);
    set(forced, 0);
  });

  test("a kernel without a family forwards none of it", () => {
    assert.equal(isForwarding(["ipv4", "ipv6"], "/nonexistent"), false);
  });
});
