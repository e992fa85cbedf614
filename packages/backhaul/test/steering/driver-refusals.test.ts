/** What the driver makes of refusals: nothing is left undone for long, nobody is told what is not so, and nobody else is blamed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RoutingChange } from "@ropewalk/host/routing";
import { seconds } from "@ropewalk/kernel/units";
import { deciding, idOf, uplink } from "../pure/steering/uplink-fixture.ts";
import { createRig, internet } from "./driver-rig.ts";
import { errnos, refused } from "./fake-machine.ts";

const healthy = [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")];

test("what fails in the middle is told once and stands as unmet, and the next picture is followed as if nothing had been", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.onWrite = () => {
    throw new Error("the kernel does not tell");
  };
  follow(healthy, deciding(1));
  follow(healthy, deciding(2));
  assert.deepEqual(told().filter((action) => action === "refused").length, 1);
  assert.match(driver.unmet.join(), /the kernel does not tell/);
  machine.onWrite = () => undefined;
  follow(healthy, deciding(2));
  assert.deepEqual([out("ipv4"), out("ipv6")], [12, 12]);
  assert.deepEqual(driver.unmet, []);
});

test("any one write that is refused, for whatever reason, is unmet and told, and made a second later", () => {
  const whole = createRig(1, 2);
  whole.follow(healthy, deciding(1));
  const routing = whole.machine.writes.filter((write) => !("value" in write)).length;
  for (const errno of [errnos.EPERM, errnos.ENOBUFS, errnos.EEXIST, errnos.ESRCH]) {
    for (let failing = 1; failing <= routing; failing += 1) {
      const { machine, driver, follow, told, out } = createRig(1, 2);
      let written = 0;
      machine.onWrite = () => {
        written += 1;
        return written === failing ? refused(errno) : undefined;
      };
      follow(healthy, deciding(1));
      assert.ok(driver.unmet.length > 0, `write ${failing}, errno ${errno}`);
      const said = told().filter((action) => action !== "changed");
      const [of, other] = said.includes("refused ipv4") ? ["ipv4", "ipv6"] : ["ipv6", "ipv4"];
      assert.deepEqual(said, [`moved ${other}`, `refused ${of}`]);
      for (const path of healthy) {
        const source = path.status.ipv4.source ?? undefined;
        const way = machine.out({ family: "ipv4", destination: internet.ipv4, ...(source && { source }) });
        assert.notEqual(way, undefined, `a hole for ${source}: write ${failing}, errno ${errno}`);
      }
      assert.notEqual(out("ipv4"), undefined);
      machine.clock.advance(seconds(1));
      assert.deepEqual(driver.unmet, []);
      assert.deepEqual(machine.all, whole.machine.all, `write ${failing}, errno ${errno}`);
      assert.deepEqual(told(), [`moved ${of}`], "nobody else had changed anything");
    }
  }
});

test("what is refused for long is tried each second and told once, and nobody else is blamed for it", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.onWrite = () => refused(errnos.EPERM);
  follow(healthy, deciding(1));
  assert.deepEqual(told(), ["refused ipv4", "refused ipv6", "changed"]);
  const tries = () => machine.writes.filter((write) => !("value" in write)).length;
  const first = tries();
  machine.clock.advance(seconds(60));
  assert.equal(tries(), 61 * first);
  assert.deepEqual(told(), []);
  machine.onWrite = () => undefined;
  machine.clock.advance(seconds(1));
  assert.deepEqual([driver.unmet, out("ipv4")], [[], 11]);
  assert.deepEqual(told(), ["moved ipv4", "moved ipv6"]);
});

test("of traffic that the kernel does not let go otherwise it is told what was refused, and that it moved only once it did", () => {
  const { machine, follow, told, events, out } = createRig(1, 2);
  follow(healthy, deciding(1));
  events.length = 0;
  const isOrdinary = (change: RoutingChange) => "route" in change && change.route.metric === 10;
  machine.onWrite = (change) => (isOrdinary(change) ? refused(errnos.ENOBUFS) : undefined);
  follow(healthy, deciding(2, 1));
  const [refusal] = events;
  assert.deepEqual([refusal?.action, refusal?.family, refusal?.uplinkId], ["refused", "ipv4", idOf(2)]);
  assert.match(refusal?.cause ?? "", /^test; but not all that it takes could be done/);
  assert.match(refusal?.evidence[0] ?? "", /^ip -4 route replace default .* metric 10 .*: refused \(errno 105\)$/);
  assert.deepEqual([told(), out("ipv4")], [["refused ipv4"], 11]);
  follow(healthy, deciding(2, 1));
  machine.clock.advance(seconds(10));
  assert.deepEqual(told(), [], "it is told once");
  machine.onWrite = () => undefined;
  machine.clock.advance(seconds(1));
  assert.deepEqual([told(), out("ipv4")], [["moved ipv4"], 12]);
});

test("traffic that was to go otherwise, was not let, and is to stay after all is told to go where it does", () => {
  const { machine, follow, told, events, out } = createRig(1, 2);
  follow(healthy, deciding(1));
  events.length = 0;
  machine.onWrite = () => refused(errnos.ENOBUFS);
  follow(healthy, deciding(2, 1));
  machine.onWrite = () => undefined;
  follow(healthy, deciding(1));
  assert.deepEqual([told(), out("ipv4")], [["refused ipv4", "moved ipv4"], 11]);
  machine.clock.advance(seconds(10));
  assert.deepEqual(told(), []);
});

test("a setting that cannot be written is unmet and told, and everything else is done", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.settingFault = "read-only file system";
  follow(healthy, deciding(1));
  assert.match(driver.unmet.join("\n"), /wan1\/ignore_routes_with_linkdown: read-only file system/);
  assert.ok(told().includes("refused"));
  assert.deepEqual([out("ipv4"), out("ipv6")], [11, 11]);
});

test("what nft refused is tried again with the next picture, and told once", async () => {
  const { machine, driver, follow, events } = createRig(1, 2);
  const refusals = () => events.filter(({ evidence }) => evidence.includes("too slow")).length;
  machine.nft = async () => ({ kind: "refused", detail: "too slow" });
  for (let round = 0; round < 3; round += 1) {
    follow(healthy, deciding(1));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([driver.unmet, refusals()], [["marks of forwarded flows: too slow"], 1]);
  machine.nft = async () => ({ kind: "done" });
  follow(healthy, deciding(1));
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(driver.unmet, []);
});
