import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "@ropewalk/simnet/random";
import {
  chain,
  componentsOf,
  type Graph,
  grid,
  hopsFrom,
  neighboursOf,
  randomGeometric,
  smallWorld,
  without,
} from "./graphs.ts";

const degrees = (graph: Graph) => neighboursOf(graph).map(({ length }) => length);
const largest = (graph: Graph) =>
  Math.max(
    ...Map.groupBy(componentsOf(graph), (one) => one)
      .values()
      .map((of) => of.length),
  );

function isPlain({ size, edges }: Graph): boolean {
  const numbers = new Set(edges.map(([one, other]) => one * size + other));
  return numbers.size === edges.length && edges.every(([one, other]) => 0 <= one && one < other && other < size);
}

test("a thousand nodes strewn with a mean degree of 8 hang together, but for a few, over two dozen hops and more", () => {
  for (const seed of [1, 2, 3]) {
    const graph = randomGeometric(1000, 8, new Random(seed));
    assert.ok(isPlain(graph));
    assert.equal(graph.edges.length, 4000);
    assert.ok(largest(graph) >= 900, `${largest(graph)}`);
    const neighbours = neighboursOf(graph);
    const furthest = Math.max(...hopsFrom(neighbours, 0).map((hops) => hops ?? 0));
    assert.ok(furthest >= 16 && furthest <= 64, `${furthest}`);
  }
});

test("in a strewn graph no two that are no neighbours are nearer to each other than two that are", () => {
  const graph = randomGeometric(100, 6, new Random(5));
  const random = new Random(5);
  const places = Array.from({ length: 100 }, () => [random.unit(), random.unit()] as const);
  const square = (one: number, other: number) => {
    const [[x, y] = [0, 0], [otherX, otherY] = [0, 0]] = [places[one], places[other]];
    return (x - otherX) ** 2 + (y - otherY) ** 2;
  };
  const longest = Math.max(...graph.edges.map(([one, other]) => square(one, other)));
  const joined = new Set(graph.edges.map(([one, other]) => one * 100 + other));
  for (let one = 0; one < 100; one += 1) {
    for (let other = one + 1; other < 100; other += 1) {
      if (!joined.has(one * 100 + other)) assert.ok(square(one, other) >= longest);
    }
  }
});

test("in a grid everybody has up to four neighbours, and the way is as long as the blocks are", () => {
  const graph = grid(4, 3);
  assert.ok(isPlain(graph));
  assert.deepEqual(degrees(graph).toSorted(), [2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4]);
  assert.equal(hopsFrom(neighboursOf(graph), 0)[11], 5);
  assert.deepEqual(chain(3).edges, [
    [0, 1],
    [1, 2],
  ]);
});

test("a small world has as many edges as its ring, and far shorter ways", () => {
  const ring = smallWorld(200, 6, 0, new Random(1));
  const small = smallWorld(200, 6, 0.2, new Random(1));
  for (const graph of [ring, small]) {
    assert.ok(isPlain(graph));
    assert.equal(graph.edges.length, 600);
  }
  const longest = (graph: Graph) => Math.max(...hopsFrom(neighboursOf(graph), 0).map((hops) => hops ?? 0));
  assert.equal(longest(ring), 34);
  assert.ok(longest(small) <= 8, `${longest(small)}`);
});

test("without a row a grid falls into two parts and the nodes of the row", () => {
  const parted = without(grid(3, 3), (node) => node >= 3 && node < 6);
  assert.deepEqual(componentsOf(parted), [0, 0, 0, 1, 2, 3, 4, 4, 4]);
  assert.equal(hopsFrom(neighboursOf(parted), 0)[8], undefined);
});
