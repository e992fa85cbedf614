/** Whatever is cut, joined or lost, and at whatever moment it is looked: who follows the nearest next hops never comes to a node twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { SmallMesh, usualConfig } from "./small-mesh.ts";

const size = 7;
const node = fc.nat({ max: size - 1 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("join" as const), one: node, other: node }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("part" as const), one: node, other: node }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("run" as const), time: fc.integer({ min: 1, max: 60 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("run" as const), time: fc.integer({ min: 500, max: 3_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lossy" as const), share: fc.constantFrom(0, 0, 0.2, 0.5) }) },
);

function play(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): void {
  const mesh = new SmallMesh(size, { ...usualConfig, interval: millis(2_000), lifetime: millis(10_000) });
  const joined = new Set<string>();
  let chance = 1;
  for (const one of steps) {
    if (one.kind === "run")
      for (let time = 0; time < one.time; time += 1 + one.time / 40) runAndLook(mesh, one.time / 40 + 1);
    else if (one.kind === "lossy") {
      mesh.tamper = (frame) => {
        chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0;
        return chance / 2 ** 32 < one.share ? undefined : frame;
      };
    } else if (one.one !== one.other) {
      const name = [one.one, one.other].toSorted().join(" ");
      if (one.kind === "join" && !joined.has(name)) {
        joined.add(name);
        mesh.join(one.one, one.other);
      } else if (one.kind === "part" && joined.delete(name)) mesh.part(one.one, one.other);
      look(mesh);
    }
  }
}

function runAndLook(mesh: SmallMesh, time: number): void {
  mesh.run(time);
  look(mesh);
}

function look(mesh: SmallMesh): void {
  for (const to of mesh.members.keys()) {
    for (const from of mesh.members.keys()) {
      const been = new Set([from]);
      for (let at = next(mesh, from, to); at !== undefined && at !== to; at = next(mesh, at, to)) {
        assert.ok(!been.has(at), `${[...been, at].join(", ")} on the way from ${from} to ${to}`);
        been.add(at);
      }
    }
  }
}

function next(mesh: SmallMesh, at: number, to: number): number | undefined {
  const link = at === to ? undefined : mesh.at(at).node.route(mesh.address(to))?.best?.link;
  return link === undefined ? undefined : mesh.across(link, at);
}

test("nobody goes in circles", () => {
  fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), play), { numRuns: 200, seed: 7 });
});
