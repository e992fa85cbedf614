/** Who gives way in a full table: the flooded link's strangers first, pinned contacts and neighbours never. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { TableShares } from "@ropewalk/mesh/pure/protection/table-shares";
import { Random } from "@ropewalk/simnet/random";
import fc from "fast-check";

const link = (number: number) => number as LinkId;
const address = (number: number) => number.toString(16).padStart(32, "0") as MeshAddress;

function tableOf(most: number, links: number, seed = 1): TableShares {
  const random = new Random(seed);
  const table = new TableShares({ most }, () => random.unit());
  for (let number = 1; number <= links; number += 1) table.linkUp(link(number));
  return table;
}

/** What the route table does with one that it hears of. */
function admit(table: TableShares, of: MeshAddress, over: LinkId, hops = 3): MeshAddress | undefined | "refuse" {
  const victim = table.victim(over, of);
  if (victim === "refuse") return victim;
  if (victim !== undefined) table.remove(victim);
  table.add(of, over, hops, "unconfirmed");
  return victim;
}

describe("who gives way in a full table", () => {
  test("while there is room nobody does, and a link may use all of it", () => {
    const table = tableOf(100, 8);
    for (let number = 0; number < 100; number += 1) assert.equal(admit(table, address(number), link(1)), undefined);
    assert.equal(table.unconfirmedOf(link(1)), 100);
    assert.equal(table.victim(link(1), address(50)), undefined, "one that is in it needs no room");
  });

  test("any that is not confirmed of the link that has the most, though others have older ones", () => {
    const table = tableOf(100, 4);
    for (let number = 0; number < 20; number += 1) admit(table, address(number), link(2));
    for (let number = 20; number < 100; number += 1) admit(table, address(number), link(1));
    const victims = new Set<unknown>();
    for (let number = 100; number < 160; number += 1) victims.add(admit(table, address(number), link(3), 1));
    assert.equal(victims.size, 60);
    for (let number = 0; number < 20; number += 1) assert.ok(!victims.has(address(number)), `${number}`);
  });

  test("a flood takes its own places: who came last gives way, and who was there before stays", () => {
    const table = tableOf(100, 1);
    for (let number = 0; number < 100; number += 1) admit(table, address(number), link(1));
    for (let number = 100; number < 200; number += 1)
      assert.equal(admit(table, address(number), link(1)), address(number - 1));
  });

  test("a link that has the most, with another, replaces its own", () => {
    const table = tableOf(100, 2);
    for (let number = 0; number < 50; number += 1) admit(table, address(number), link(1));
    for (let number = 50; number < 100; number += 1) admit(table, address(number), link(2));
    admit(table, address(100), link(2));
    assert.deepEqual([table.unconfirmedOf(link(1)), table.unconfirmedOf(link(2))], [50, 50]);
    admit(table, address(101), link(1));
    assert.deepEqual([table.unconfirmedOf(link(1)), table.unconfirmedOf(link(2))], [50, 50]);
  });

  test("where no link has its share, the oldest that is not confirmed", () => {
    const table = tableOf(64, 2);
    for (let number = 0; number < 54; number += 1) table.add(address(number), link(1), 2, "confirmed");
    for (let number = 54; number < 64; number += 1) admit(table, address(number), link(1));
    table.move(address(54), link(1), 9);
    table.remove(address(56));
    admit(table, address(100), link(2));
    assert.deepEqual(
      [101, 102, 103].map((number) => admit(table, address(number), link(2))),
      [address(54), address(55), address(57)],
    );
  });

  test("the oldest that is not confirmed, though these are few, where all others are pinned", () => {
    const table = tableOf(64, 1);
    for (let number = 0; number < 62; number += 1) table.pin(address(number), "contact");
    for (let number = 0; number < 64; number += 1) admit(table, address(number), link(1));
    assert.equal(table.victim(link(1), address(100)), address(62));
  });

  test("a confirmed one only where newcomers have no sixteenth of the table: then one of the furthest", () => {
    const table = tableOf(64, 2);
    for (let number = 0; number < 64; number += 1) table.add(address(number), link(1), 1 + (number % 8), "confirmed");
    table.move(address(1), link(1), 70);
    const victims = [100, 101, 102, 103].map((number) => admit(table, address(number), link(2)));
    assert.equal(victims[0], address(1));
    for (const victim of victims.slice(1)) assert.equal(Number.parseInt(`${victim}`, 16) % 8, 7);
    assert.equal(admit(table, address(104), link(1)), address(100));
    table.confirm(address(101));
    table.confirm(address(102));
    assert.equal(Number.parseInt(`${admit(table, address(105), link(1))}`, 16) % 8, 7);
  });

  test("pinned contacts and neighbours never; where all are, a stranger is refused and a contact is not", () => {
    const table = tableOf(10, 2);
    for (let number = 0; number < 10; number += 1) {
      table.pin(address(number), number % 2 ? "contact" : "neighbour");
      table.add(address(number), link(1), 1, number % 3 ? "unconfirmed" : "confirmed");
    }
    assert.equal(table.victim(link(1), address(100)), "refuse");
    table.pin(address(100), "contact");
    assert.equal(table.victim(link(1), address(100)), undefined);
    table.unpin(address(4), "neighbour");
    assert.equal(table.victim(link(1), address(101)), address(4));
  });

  test("one that is pinned for two reasons gives way when it is for none", () => {
    const table = tableOf(1, 1);
    table.add(address(1), link(1), 1, "unconfirmed");
    table.pin(address(1), "contact");
    table.pin(address(1), "neighbour");
    table.pin(address(1), "neighbour");
    table.unpin(address(1), "neighbour");
    table.confirm(address(1));
    assert.equal(table.victim(link(1), address(2)), "refuse");
    table.unpin(address(1), "contact");
    assert.equal(table.victim(link(1), address(2)), address(1));
  });
});

describe("floods", () => {
  test("ten thousand strangers on one of eight links cost no honest destination of the others its place", () => {
    const table = tableOf(1000, 8, 5);
    for (let number = 0; number < 700; number += 1) admit(table, address(number), link(2 + (number % 7)));
    let isEachThere = true;
    for (let number = 0; number < 10_000; number += 1) {
      const victim = admit(table, address(10_000 + number), link(1));
      if (victim !== undefined && Number.parseInt(victim, 16) < 700) isEachThere = false;
      assert.ok(table.size <= 1000);
    }
    assert.ok(isEachThere);
    assert.equal(admit(table, address(5000), link(3)) === "refuse", false);
    table.linkUp(link(9));
    assert.notEqual(admit(table, address(5001), link(9)), "refuse");
  });

  test("who is in the way is charged to the link that it is moved to", () => {
    const table = tableOf(100, 2);
    table.add(address(1), link(1), 2, "unconfirmed");
    table.move(address(1), link(2), 3);
    assert.deepEqual(
      [table.chargedTo(address(1)), table.unconfirmedOf(link(1)), table.unconfirmedOf(link(2))],
      [link(2), 0, 1],
    );
    assert.equal(table.chargedTo(address(2)), undefined);
  });

  test("a newcomer of a quiet link keeps its place long enough to answer, though the rest of the table is confirmed", () => {
    const table = tableOf(1600, 2, 7);
    for (let number = 0; number < 1600; number += 1) table.add(address(number), link(1), 4, "confirmed");
    admit(table, address(5000), link(2));
    for (let number = 0; number < 99; number += 1) {
      assert.notEqual(admit(table, address(10_000 + number), link(1)), address(5000), `${number}`);
    }
  });
});

type Step = readonly ["admit" | "move" | "confirm" | "remove" | "pin" | "unpin", number, number, number];

test("whatever happens, the table stays within its bound, its books agree, and nobody pinned gives way", () => {
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom("admit", "admit", "admit", "move", "confirm", "remove", "pin", "unpin"),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 255 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), fc.integer({ min: 1, max: 30 }), (steps, most) => {
      const table = tableOf(most, 4);
      const members = new Map<MeshAddress, { link: LinkId; isConfirmed: boolean }>();
      const pinned = new Set<MeshAddress>();
      for (const [what, number, over, hops] of steps) {
        const [one, via] = [address(number), link(over)];
        const member = members.get(one);
        if (what === "admit") {
          const isFull = members.size >= most && member === undefined;
          const giving = [...members.keys()].filter((each) => !pinned.has(each));
          const victim = admit(table, one, via, hops);
          if (victim === "refuse") assert.ok(isFull && giving.length === 0);
          else if (victim !== undefined) assert.ok(isFull && giving.includes(victim) && members.delete(victim));
          else assert.ok(!isFull || (giving.length === 0 && pinned.has(one)));
          if (victim !== "refuse") members.set(one, { link: via, isConfirmed: member?.isConfirmed ?? false });
        } else if (what === "pin") {
          table.pin(one, "contact");
          pinned.add(one);
        } else if (what === "unpin") {
          table.unpin(one, "contact");
          pinned.delete(one);
        } else if (what === "remove") {
          table.remove(one);
          members.delete(one);
        } else if (what === "move") {
          table.move(one, via, hops);
          if (member !== undefined) member.link = via;
        } else {
          table.confirm(one);
          if (member !== undefined) member.isConfirmed = true;
        }
        assert.equal(table.size, members.size);
        for (let each = 1; each <= 4; each += 1) {
          const charged = [...members].filter(([of, it]) => it.link === each && !it.isConfirmed && !pinned.has(of));
          assert.equal(table.unconfirmedOf(link(each)), charged.length);
        }
      }
    }),
  );
});
