/** Whatever is seen, refused and interfered with on the way: the kernel ends as if only the last picture had ever been seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkReasonCode } from "@ropewalk/backhaul/status";
import { routingProtocol } from "@ropewalk/host/allocations";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { deciding, uplink } from "../pure/steering/uplink-fixture.ts";
import { driverOf } from "./driver-rig.ts";
import { errnos, FakeMachine, refused } from "./fake-machine.ts";
import { stateOf } from "./steering-bench.ts";

const slots = [1, 2, 3];
const codes = fc.constantFrom<UplinkReasonCode>("healthy", "silent", "no-carrier", "loss", "not-measured", "no-route");
const pictures = fc.record({
  judged: fc.array(fc.option(fc.tuple(codes, codes)), { minLength: slots.length, maxLength: slots.length }),
  chosen: fc.option(fc.constantFrom(...slots), { nil: undefined }),
});
type Picture = typeof pictures extends fc.Arbitrary<infer T> ? T : never;

const moments = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("seen" as const), picture: pictures }),
    fc.record({ kind: fc.constant("passed" as const), time: fc.nat(3_000).map(millis) }),
    fc.record({ kind: fc.constant("refusing" as const), every: fc.integer({ min: 1, max: 4 }), errno: anErrno() }),
    fc.record({ kind: fc.constant("removed" as const), which: fc.nat(100) }),
  ),
  { maxLength: 15 },
);

function anErrno() {
  return fc.constantFrom(errnos.EPERM, errnos.ESRCH, errnos.EEXIST, errnos.ENOBUFS);
}

function createRig() {
  const machine = new FakeMachine();
  for (const slot of slots) machine.addUplink(slot);
  const driver = driverOf(machine, () => {});
  const see = ({ judged, chosen }: Picture) => {
    const uplinks = judged.flatMap((own, index) => (own === null ? [] : [uplink(slots[index] ?? 0, ...own)]));
    driver.follow(stateOf(machine, uplinks, deciding(chosen)));
  };
  return { machine, driver, see };
}

/** The first of ours, counted by `which`; nobody repairs more than so many in a row, and so it stays with one. */
function removeOne(machine: FakeMachine, which: number): void {
  const own = machine.present.routes.filter(({ protocol }) => protocol === routingProtocol);
  const route = own[which % Math.max(1, own.length)];
  if (route === undefined) return;
  const { destination, table, metric, type, nextHops } = route;
  const to = `${destination.address}/${destination.length}`;
  machine.network.removeRoute({ to, table, metric, type, nextHops });
}

/** So long that a fight is forgotten and what was refused is tried again. */
const peace: Millis = seconds(120);

test("the kernel ends as the last picture wants it, and a purge leaves nothing", async () => {
  await fc.assert(
    fc.asyncProperty(moments, pictures, async (course, last) => {
      const { machine, driver, see } = createRig();
      const { all: untouched } = machine;
      for (const moment of course) {
        switch (moment.kind) {
          case "seen":
            see(moment.picture);
            break;
          case "passed":
            machine.clock.advance(moment.time);
            break;
          case "refusing":
            machine.onWrite = (_, index) => (index % moment.every === 0 ? refused(moment.errno) : undefined);
            break;
          case "removed":
            removeOne(machine, moment.which);
            break;
        }
      }
      see(last);
      machine.onWrite = () => undefined;
      machine.clock.advance(peace);
      const fresh = createRig();
      fresh.see(last);
      assert.deepEqual(routingOf(machine), routingOf(fresh.machine));
      assert.deepEqual(driver.unmet, []);
      assert.equal(await driver.purge(), true);
      assert.deepEqual(machine.all, untouched);
    }),
    { numRuns: 200 },
  );
});

function routingOf({ present: { routes, rules } }: FakeMachine): readonly string[] {
  return [...routes, ...rules].map((one) => JSON.stringify(one)).toSorted();
}
