import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "@ropewalk/simnet/random";
import { chain, type Graph, neighboursOf, randomGeometric } from "../graphs.ts";
import { divided } from "./divided.ts";

const between = ({ edges }: Graph, partOf: readonly number[]) =>
  edges.filter(([one, other]) => partOf[one] !== partOf[other]).length;

test("a line is divided into stretches of one length", () => {
  const partOf = divided(chain(16), 4);
  assert.equal(between(chain(16), partOf), 3);
  assert.deepEqual(
    [0, 1, 2, 3].map((part) => partOf.filter((of) => of === part).length),
    [4, 4, 4, 4],
  );
});

test("quarters of a mesh have about as many neighbours to hear, of which few are of another quarter", () => {
  for (const seed of [1, 2, 3]) {
    const graph = randomGeometric(300, 10, new Random(seed));
    const partOf = divided(graph, 4);
    const ends = [0, 0, 0, 0];
    for (const [node, { length }] of neighboursOf(graph).entries())
      ends[partOf[node] ?? 0] = (ends[partOf[node] ?? 0] ?? 0) + length;
    for (const count of ends) assert.ok(Math.abs(count - 750) < 75, `seed ${seed}: ${ends}`);
    assert.ok(between(graph, partOf) < 150, `seed ${seed}: ${between(graph, partOf)} of ${graph.edges.length}`);
  }
});

test("who has no neighbours is in some part", () => {
  assert.deepEqual(divided({ size: 3, edges: [] }, 2).length, 3);
});
