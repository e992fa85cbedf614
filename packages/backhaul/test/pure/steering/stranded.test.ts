/** Which ways have died with traffic on them, told of a few uplinks from one moment to the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { strand, type Way, type Ways } from "@ropewalk/backhaul/pure/steering/stranded";
import type { UplinkReasonCode } from "@ropewalk/backhaul/status";
import { families, ipAddress } from "@ropewalk/kernel/addresses";
import fc from "fast-check";
import { type Decisions, deciding, uplink } from "./uplink-fixture.ts";

/** One moment after another; each tells which ways are to be ended at it. */
class Course {
  #ways: Ways | undefined;

  next(uplinks: readonly SlottedUplink[], decisions: Decisions): readonly Way[] {
    const { ways, stranded } = strand(this.#ways, uplinks, decisions);
    this.#ways = ways;
    return stranded;
  }

  ended(uplinks: readonly SlottedUplink[], decisions: Decisions): readonly string[] {
    return this.next(uplinks, decisions).map(({ family, name }) => `${family} ${name}`);
  }
}

test("a way that dies is ended once, by its family, slot and addresses", () => {
  const course = new Course();
  assert.deepEqual(course.ended([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1)), []);
  const dead = [uplink(1, "silent"), uplink(2, "healthy")];
  assert.deepEqual(course.next(dead, deciding(2)), [
    { uplinkId: "mac-1", name: "wan1", family: "ipv4", slot: 1, addresses: ["10.0.1.2"] },
  ]);
  assert.deepEqual(course.ended(dead, deciding(2)), []);
});

test("what is dead at the first look is ended only where there is no carrier: an earlier run may have died before it could", () => {
  const atOnce = (code: UplinkReasonCode) =>
    new Course().ended([uplink(1, code), uplink(2, "healthy")], deciding(2)).length;
  assert.deepEqual((["silent", "no-route", "no-address", "http-intercepted"] as const).map(atOnce), [0, 0, 0, 0]);
  const course = new Course();
  assert.deepEqual(course.ended([uplink(1, "no-carrier"), uplink(2, "silent")], deciding(undefined)), []);
  const cut = [uplink(1, "no-carrier"), uplink(2, "healthy")];
  assert.deepEqual(course.ended(cut, deciding(2)), ["ipv4 wan1"]);
  assert.deepEqual(course.ended(cut, deciding(2)), []);
});

test("nothing is ended while there is nowhere else to go, and all of it as soon as there is", () => {
  const course = new Course();
  course.next([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1));
  const allDead = [uplink(1, "silent"), uplink(2, "no-carrier")];
  assert.deepEqual(course.ended(allDead, deciding(1)), []);
  assert.deepEqual(course.ended(allDead, deciding(undefined)), []);
  assert.deepEqual(course.ended([uplink(1, "silent"), uplink(2, "healthy")], deciding(2)), ["ipv4 wan1"]);
});

test("a way that lives on with another address is told with those that it has lost, once, and is not dead", () => {
  const renumbered = (address: string, of = 1): SlottedUplink => {
    const { status, slot } = uplink(of, "healthy");
    const own = ipAddress(address);
    return {
      slot,
      status: { ...status, ipv4: { ...status.ipv4, source: own, addresses: [{ address: own, length: 24 }] } },
    };
  };
  const first = strand(undefined, [renumbered("10.0.1.2"), uplink(2, "healthy")], deciding(1));
  assert.deepEqual(first.renumbered, []);
  const second = strand(first.ways, [renumbered("10.0.9.2"), uplink(2, "healthy")], deciding(1));
  assert.deepEqual(
    second.renumbered.map(({ name, addresses }) => [name, addresses]),
    [["wan1", ["10.0.1.2"]]],
  );
  assert.deepEqual(second.stranded, []);
  assert.deepEqual(strand(second.ways, [renumbered("10.0.9.2"), uplink(2, "healthy")], deciding(1)).renumbered, []);
  const taken = strand(first.ways, [renumbered("10.0.9.2"), renumbered("10.0.1.2", 2)], deciding(1));
  assert.deepEqual(
    taken.renumbered.map(({ name }) => name),
    ["wan2"],
    "what wan1 has lost, wan2 has now",
  );
});

test("to come back to life in time spares what is on the way", () => {
  const course = new Course();
  course.next([uplink(1, "healthy")], deciding(1));
  assert.deepEqual(course.ended([uplink(1, "silent")], deciding(1)), []);
  assert.deepEqual(course.ended([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1)), []);
});

test("while traffic is still sent to the dead way, nothing on it is ended", () => {
  const course = new Course();
  course.next([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1));
  const dead = [uplink(1, "silent"), uplink(2, "healthy")];
  assert.deepEqual(course.ended(dead, deciding(1)), [], "whoever was cut off would come back to where it is dead");
  assert.deepEqual(course.ended(dead, deciding(2)), ["ipv4 wan1"]);
});

test("a way that comes back and dies again is ended again", () => {
  const course = new Course();
  const [both, one] = [
    [uplink(1, "healthy"), uplink(2, "healthy")],
    [uplink(1, "silent"), uplink(2, "healthy")],
  ];
  course.next(both, deciding(1));
  assert.deepEqual(course.ended(one, deciding(2)), ["ipv4 wan1"]);
  assert.deepEqual(course.ended(both, deciding(2)), []);
  assert.deepEqual(course.ended(one, deciding(2)), ["ipv4 wan1"]);
});

test("the families die apart", () => {
  const course = new Course();
  course.next([uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")], deciding(1));
  const halfDead = [uplink(1, "healthy", "silent"), uplink(2, "healthy", "healthy")];
  assert.deepEqual(course.ended(halfDead, deciding(1, 2)), ["ipv6 wan1"]);
  assert.deepEqual(course.ended([uplink(1, "silent", "silent"), uplink(2, "healthy")], deciding(2)), ["ipv4 wan1"]);
});

test("an uplink that is gone has died with the addresses that it had last", () => {
  const course = new Course();
  course.next([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1));
  const [way] = course.next([uplink(2, "healthy")], deciding(2));
  assert.deepEqual(way?.addresses, ["10.0.1.2"]);
});

test("an address that a living way has too is spared, and one that only another dead way has is not", () => {
  const shared = ipAddress("192.0.2.7");
  const sharing = (slot: number, code: UplinkReasonCode): SlottedUplink => {
    const { status } = uplink(slot, code);
    const addresses = [...status.ipv4.addresses, { address: shared, length: 24 }];
    return { slot, status: { ...status, ipv4: { ...status.ipv4, addresses } } };
  };
  const course = new Course();
  course.next([sharing(1, "healthy"), sharing(2, "healthy"), uplink(3, "healthy")], deciding(1));
  const [first] = course.next([sharing(1, "silent"), sharing(2, "healthy"), uplink(3, "healthy")], deciding(2));
  assert.deepEqual(first?.addresses, ["10.0.1.2"]);
  const [second] = course.next([sharing(1, "silent"), sharing(2, "silent"), uplink(3, "healthy")], deciding(3));
  assert.deepEqual(second?.addresses, ["10.0.2.2", shared]);
});

test("what may carry traffic keeps what is on it: bad, blocked or unmeasured is not dead, a portal is", () => {
  const endedBy = (code: UplinkReasonCode) => {
    const course = new Course();
    course.next([uplink(1, "healthy"), uplink(2, "healthy")], deciding(1));
    return course.ended([uplink(1, code), uplink(2, "healthy")], deciding(2)).length;
  };
  const spared = ["loss", "latency", "tcp-blocked", "mtu", "not-measured", "returning", "no-privilege"] as const;
  assert.deepEqual(spared.map(endedBy), Array(spared.length).fill(0));
  const ended = ["silent", "beyond-gateway", "no-carrier", "no-address", "disabled", "http-intercepted"] as const;
  assert.deepEqual(ended.map(endedBy), Array(ended.length).fill(1));
});

const codes = fc.constantFrom<UplinkReasonCode>("healthy", "silent", "no-carrier", "loss", "http-intercepted");
const count = 3;
/** Uplinks with an IPv4 and an IPv6 judgement each, gone where there is none; and who was decided for. */
const moments = fc.array(
  fc.record({
    judged: fc.array(fc.option(fc.tuple(codes, codes)), { minLength: count, maxLength: count }),
    chosen: fc.option(fc.integer({ min: 1, max: count }), { nil: undefined }),
  }),
  { maxLength: 20 },
);

test("whatever happens, only what lived and died is ended, once for each death, and only when its family goes on elsewhere", () => {
  fc.assert(
    fc.property(moments, (history) => {
      const course = new Course();
      const owing = new Set<string>();
      for (const [moment, { judged, chosen }] of history.entries()) {
        const uplinks = judged.flatMap((codes, index) => (codes === null ? [] : [uplink(index + 1, ...codes)]));
        const ways = judged.flatMap((codes, index) =>
          families.map((family, which) => ({ name: `${family} wan${index + 1}`, code: codes?.[which] })),
        );
        const named = (isIt: (code: UplinkReasonCode | undefined) => boolean) =>
          ways.filter(({ code }) => isIt(code)).map(({ name }) => name);
        const living = new Set(named((code) => code === "healthy" || code === "loss"));
        if (moment === 0) for (const name of named((code) => code === "no-carrier")) owing.add(name);
        const hasWhereToGo = (name: string) => living.has(`${name.slice(0, 4)} wan${chosen}`);
        const due = [...owing].filter((name) => !living.has(name) && hasWhereToGo(name));
        assert.deepEqual(course.ended(uplinks, deciding(chosen)).toSorted(), due.toSorted());
        for (const name of due) owing.delete(name);
        for (const name of living) owing.add(name);
      }
    }),
  );
});
