/** Addresses that are deprecated, given back, and renewed by others, with lifetimes and a journal in memory that can fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifetimeJournal, LivingAddress, OwnAddress } from "@ropewalk/host/address-lifetimes";
import { DeprecationKeeper } from "@ropewalk/host/deprecation-keeper";
import { FakeLifetimes } from "@ropewalk/host/fake/fake-lifetimes";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis, seconds } from "@ropewalk/kernel/units";

const fixed: LivingAddress = {
  ifindex: 11,
  address: ipAddress("2001:db8:1::2"),
  preferred: "forever",
  valid: "forever",
};
const leased: LivingAddress = {
  ifindex: 11,
  address: ipAddress("2001:db8:1::3"),
  preferred: seconds(3_000),
  valid: seconds(4_000),
};

/** Whatever dies between two steps leaves all but the keeper as it is. */
function createRig(...addresses: readonly LivingAddress[]) {
  const clock = new FakeClock();
  const lifetimes = new FakeLifetimes(clock);
  for (const address of addresses) lifetimes.set(address);
  const kept = new Map<string, LivingAddress>();
  const faults: { journal?: string } = {};
  const nameOf = ({ ifindex, address }: OwnAddress) => `${ifindex} ${address}`;
  const journal: LifetimeJournal = {
    all: () => [...kept.values()],
    put(before) {
      if (faults.journal !== undefined) throw new Error(faults.journal);
      kept.set(nameOf(before), before);
    },
    remove: (address) => void kept.delete(nameOf(address)),
  };
  const keeper = new DeprecationKeeper(lifetimes, journal);
  const want = (...wanted: readonly OwnAddress[]) => keeper.want(wanted).map(({ result }) => result.kind);
  return { clock, lifetimes, kept, faults, want, preferred: (own: OwnAddress) => lifetimes.read(own)?.preferred };
}

test("what is wanted is deprecated once, stays valid, and is given back as it was", () => {
  const { lifetimes, kept, want } = createRig(fixed, leased);
  assert.deepEqual(want(fixed, leased), ["deprecated", "deprecated"]);
  assert.deepEqual(lifetimes.read(fixed), { ...fixed, preferred: 0 });
  assert.deepEqual(lifetimes.read(leased), { ...leased, preferred: 0 });
  assert.deepEqual(want(fixed, leased), []);
  assert.deepEqual(want(leased), ["restored"]);
  assert.deepEqual(want(), ["restored"]);
  assert.deepEqual([lifetimes.read(fixed), lifetimes.read(leased), kept.size], [fixed, leased, 0]);
});

test("a lifetime that runs out goes on running while it is ours", () => {
  const { clock, lifetimes, want } = createRig(leased);
  want(leased);
  clock.advance(seconds(1_000));
  assert.deepEqual(want(), ["restored"]);
  assert.deepEqual(lifetimes.read(leased), { ...leased, preferred: seconds(2_000), valid: seconds(3_000) });
});

test("an address whose time came meanwhile stays deprecated, and one that ran out is forgotten", () => {
  const { clock, lifetimes, kept, want, preferred } = createRig(leased);
  want(leased);
  clock.advance(seconds(3_500));
  assert.deepEqual(want(), ["given-up"]);
  assert.equal(preferred(leased), 0);
  const other = createRig(leased);
  other.want(leased);
  other.clock.advance(seconds(4_000));
  assert.deepEqual(other.want(), ["given-up"]);
  assert.deepEqual([kept.size, other.kept.size, lifetimes.changes.length], [0, 0, 1]);
});

test("an address that is deprecated already is nobody's to give back", () => {
  const { kept, want, preferred } = createRig({ ...fixed, preferred: millis(0) });
  assert.deepEqual([want(fixed), kept.size, want()], [[], 0, []]);
  assert.equal(preferred(fixed), 0);
});

test("who renews it meanwhile is overruled while we stay, and what he gave it is given back", () => {
  const { lifetimes, want } = createRig(leased);
  want(leased);
  const renewed = { ...leased, preferred: seconds(9_000), valid: seconds(9_000) };
  lifetimes.set(renewed);
  assert.deepEqual(want(leased), ["deprecated"]);
  assert.deepEqual(want(), ["restored"]);
  assert.deepEqual(lifetimes.read(leased), renewed);
});

test("what was renewed when we go is left as it is", () => {
  const { lifetimes, want } = createRig(leased);
  want(leased);
  const renewed = { ...leased, preferred: seconds(9_000), valid: seconds(9_000) };
  lifetimes.set(renewed);
  assert.deepEqual(want(), ["given-up"]);
  assert.deepEqual(lifetimes.read(leased), renewed);
});

test("a preferred lifetime without a valid one to measure it by begins anew", () => {
  const odd: LivingAddress = { ...fixed, preferred: seconds(600) };
  const { clock, lifetimes, want } = createRig(odd);
  want(odd);
  clock.advance(seconds(500));
  assert.deepEqual(want(), ["restored"]);
  assert.deepEqual(lifetimes.read(odd), odd);
});

test("nothing is changed that could not be given back", () => {
  const { faults, want, preferred } = createRig(fixed);
  faults.journal = "disk full";
  assert.deepEqual(want(fixed), ["refused"]);
  assert.equal(preferred(fixed), "forever");
});

test("a death after the journal and before the change, or after both, is made good by the next run", () => {
  const { lifetimes, kept, want, preferred } = createRig(fixed);
  lifetimes.fault = "killed";
  assert.deepEqual(want(fixed), ["refused"]);
  assert.equal(kept.size, 1);
  lifetimes.fault = undefined;
  assert.deepEqual(want(), ["given-up"], "it never was ours");
  assert.equal(preferred(fixed), "forever");
  want(fixed);
  assert.deepEqual(want(), ["restored"]);
});

test("what cannot be given back is kept in mind until it can", () => {
  const { lifetimes, kept, want } = createRig(fixed);
  want(fixed);
  lifetimes.fault = "operation not permitted";
  assert.deepEqual(want(), ["refused"]);
  assert.equal(kept.size, 1);
  lifetimes.fault = undefined;
  assert.deepEqual(want(), ["restored"]);
});

test("an address that is gone is no fault, and takes its record along", () => {
  const { lifetimes, kept, want } = createRig(fixed);
  want(fixed);
  lifetimes.remove(fixed);
  assert.deepEqual(want(fixed), []);
  assert.deepEqual(want(), ["given-up"]);
  assert.equal(kept.size, 0);
});
