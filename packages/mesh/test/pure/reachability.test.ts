/** Whatever was cut and joined: soon after it ends, who can be reached is reached, and who cannot be is not said to be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SmallMesh } from "./small-mesh.ts";

const size = 8;
const pair = fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).filter(([one, other]) => one !== other);
const change = fc.record({
  pair,
  kind: fc.constantFrom("join", "part", "part"),
  wait: fc.oneof(fc.constant(0), fc.nat(60), fc.nat(3_000)),
});

/** Who can be reached from `from`, over cables that are up. */
function component(mesh: SmallMesh, from: number): ReadonlySet<number> {
  const found = new Set([from]);
  for (const at of found) for (const other of mesh.neighboursOf(at)) found.add(other);
  return found;
}

function faults(mesh: SmallMesh): readonly string[] {
  return [...mesh.members.keys()].flatMap((from) => {
    const reached = component(mesh, from);
    return [...mesh.members.keys()].flatMap((to) => {
      if (to === from) return [];
      const isRoutable = mesh.at(from).node.isRoutable(mesh.address(to));
      return isRoutable === reached.has(to) ? [] : [`${from} to ${to}: ${isRoutable}`];
    });
  });
}

test("who is there is routable, and who is not is not, ten seconds after all has changed", () => {
  fc.assert(
    fc.property(
      fc.array(pair, { minLength: size, maxLength: 14, size: "max" }),
      fc.array(change, { minLength: 1, maxLength: 10, size: "max" }),
      (pairs, changes) => {
        const mesh = new SmallMesh(size);
        for (const [one, other] of pairs) if (!mesh.neighboursOf(one).includes(other)) mesh.join(one, other);
        mesh.run(1_000);
        assert.deepEqual(faults(mesh), []);
        for (const {
          pair: [one, other],
          kind,
          wait,
        } of changes) {
          const isJoined = mesh.neighboursOf(one).includes(other);
          if (kind === "join" && !isJoined) mesh.join(one, other);
          if (kind === "part" && isJoined) mesh.part(one, other);
          mesh.run(wait);
        }
        mesh.run(10_000);
        assert.deepEqual(faults(mesh), []);
      },
    ),
    { numRuns: 40, seed: 11 },
  );
});

test("a ring that is cut is a chain within ten seconds, however long", () => {
  for (const length of [4, 9, 16, 24]) {
    const mesh = SmallMesh.chain(length);
    mesh.join(length - 1, 0);
    mesh.run(2_000);
    mesh.part(length - 1, 0);
    mesh.run(10_000);
    assert.deepEqual(faults(mesh), [], `${length}`);
  }
});
