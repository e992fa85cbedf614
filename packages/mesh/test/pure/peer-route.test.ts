/** How a node reaches the internet: by itself, over a neighbour that measured that it does, or not, with the reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { findPeerRoute, heardConnectivity, type NeighbourConnectivity } from "@ropewalk/mesh/pure/peer-route";
import type { NodeKind, OnlineState } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";

const now = seconds(1000);
const address = (name: string) => name.padEnd(32, "0") as MeshAddress;

interface Said {
  readonly kind?: NodeKind;
  readonly online?: OnlineState;
  readonly age?: number;
  readonly answered?: number | undefined;
}

function neighbour(name: string, said: Said = {}): NeighbourConnectivity {
  const { kind = "open", online = "online", age = 0, answered = 5 } = said;
  return {
    peer: address(name),
    said: heardConnectivity(now, kind, online, seconds(age)),
    answeredAt: "answered" in said && said.answered === undefined ? undefined : millis(now - answered * 1000),
  };
}

test("who is online goes directly, whatever its neighbours say", () => {
  assert.deepEqual(findPeerRoute("online", [neighbour("a", { kind: "universal" })], address("a"), now), {
    kind: "direct",
  });
});

test("who is not, or does not know, goes over a universal node before an open one, and never over a standard one", () => {
  const [standard, open, universal] = [
    neighbour("a", { kind: "standard" }),
    neighbour("b", { kind: "open" }),
    neighbour("c", { kind: "universal" }),
  ];
  for (const own of ["offline", "unknown"] as const) {
    assert.deepEqual(findPeerRoute(own, [standard, open, universal], undefined, now), {
      kind: "relay",
      relay: address("c"),
      of: "universal",
    });
    assert.deepEqual(findPeerRoute(own, [standard, open], undefined, now), {
      kind: "relay",
      relay: address("b"),
      of: "open",
    });
    assert.deepEqual(findPeerRoute(own, [standard], undefined, now), { kind: "none", why: "not-relaying" });
  }
});

test("the relay in use stays among its kind, and gives way to a better kind", () => {
  const neighbours = [neighbour("a"), neighbour("b")];
  const over = (inUse: MeshAddress | undefined, more: readonly NeighbourConnectivity[] = []) => {
    const route = findPeerRoute("offline", [...neighbours, ...more], inUse, now);
    return route.kind === "relay" ? route.relay : route.kind;
  };
  assert.equal(over(undefined), address("a"));
  assert.equal(over(address("b")), address("b"));
  assert.equal(over(address("b"), [neighbour("c", { kind: "universal" })]), address("c"));
  assert.equal(over(address("gone")), address("a"));
});

test("a word counts for ninety seconds from when it was measured, not from when it came", () => {
  const route = (age: number, later: number) =>
    findPeerRoute(
      "offline",
      [{ ...neighbour("a", { age }), answeredAt: millis(now + later) }],
      undefined,
      millis(now + later),
    ).kind;
  assert.equal(route(0, 89_999), "relay");
  assert.equal(route(0, 90_000), "none");
  assert.equal(route(60, 29_999), "relay");
  assert.equal(route(60, 30_000), "none");
  assert.equal(route(65_535, 0), "none");
});

test("what a neighbour says counts only while its link answers", () => {
  assert.equal(findPeerRoute("offline", [neighbour("a", { answered: 30 })], undefined, now).kind, "relay");
  assert.deepEqual(findPeerRoute("offline", [neighbour("a", { answered: 31 })], undefined, now), {
    kind: "none",
    why: "no-answer",
  });
});

test("where there is no way, the reason is that of the neighbour that came the nearest", () => {
  const reasons: readonly (readonly [NeighbourConnectivity, string])[] = [
    [neighbour("a", { answered: undefined }), "no-answer"],
    [{ ...neighbour("b"), said: undefined }, "not-measured"],
    [neighbour("c", { online: "unknown" }), "not-measured"],
    [neighbour("d", { online: "offline" }), "not-online"],
    [neighbour("e", { kind: "standard" }), "not-relaying"],
  ];
  assert.deepEqual(findPeerRoute("offline", [], undefined, now), { kind: "none", why: "no-neighbour" });
  for (const [index, [, why]] of reasons.entries()) {
    const upTo = reasons.slice(0, index + 1).map(([each]) => each);
    assert.deepEqual(findPeerRoute("unknown", upTo, undefined, now), { kind: "none", why });
    assert.deepEqual(findPeerRoute("unknown", upTo.toReversed(), undefined, now), { kind: "none", why });
  }
});

const anyNeighbour = fc
  .record({
    kind: fc.constantFrom<NodeKind>("standard", "open", "universal"),
    online: fc.constantFrom<OnlineState>("unknown", "offline", "online"),
    age: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 180 }), fc.constant(65_535)),
    answered: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  })
  .map((said) => neighbour("", said));

test("whoever says what, the relay is a neighbour that measured it and answers, the same in whatever order they come", () => {
  fc.assert(
    fc.property(
      fc.array(anyNeighbour, { maxLength: 12, size: "max" }),
      fc.integer({ min: 0, max: 12 }),
      (said, used) => {
        const neighbours = said.map((each, index) => ({ ...each, peer: address(index.toString(16)) }));
        const route = findPeerRoute("offline", neighbours, address(used.toString(16)), now);
        assert.deepEqual(findPeerRoute("offline", neighbours.toReversed(), address(used.toString(16)), now), route);
        if (route.kind !== "relay") return;
        const relay = neighbours.find(({ peer }) => peer === route.relay);
        assert.equal(relay?.said?.online, "online");
        assert.ok((relay?.said?.freshUntil ?? 0) > now);
        assert.ok(now - (relay?.answeredAt ?? 0) <= 30_000);
        assert.equal(relay?.said?.kind, route.of);
      },
    ),
  );
});
