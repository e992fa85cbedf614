/** Which node gets a session, and what is told when none does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explainChoice } from "@ropewalk/entry/pure/choice-explanation";
import { chooseNode } from "@ropewalk/entry/pure/node-choice";
import {
  type FleetNode,
  type NodeId,
  type NodeRequest,
  type Refusal,
  refusalOf,
} from "@ropewalk/entry/pure/node-fitness";
import { millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { soakTargets } from "../node-choice-soak-targets.ts";
import { anybody, rules, soundNode } from "./fleets.ts";
import { imbalanceOf } from "./replica-simulation.ts";

const refused = (other: Partial<FleetNode>, wish: Partial<NodeRequest> = {}) =>
  refusalOf(soundNode(0, other), { ...anybody, ...wish }, rules);
const reasonsOf = (fleet: readonly FleetNode[], wish: Partial<NodeRequest> = {}) => {
  const why = explainChoice(fleet, { ...anybody, ...wish }, rules);
  return why.kind === "regions" ? Object.fromEntries(why.reasons) : why;
};

test("each lack of a node has its own reason", () => {
  const cases: readonly (readonly [Refusal["kind"], Partial<FleetNode>, Partial<NodeRequest>?])[] = [
    ["not-an-exit", { roles: ["mesh"] }],
    ["not-hinted", {}, { nodeHint: "1" as NodeId }],
    ["other-region", {}, { region: "us" }],
    ["region-not-in-plan", { region: "ap" }],
    ["other-country", {}, { country: "fr" }],
    ["other-city", {}, { city: "muc" }],
    ["other-pool", {}, { pool: "stream" }],
    ["occupied", {}, { occupiedNodes: new Set(["0" as NodeId]) }],
    ["disabled", { admission: "disabled" }],
    ["draining", { admission: "draining" }],
    ["other-version", { version: 3 }],
    ["never-heard", { heartbeatAge: undefined }],
    ["stale", { heartbeatAge: millis(60_001) }],
    ["unhealthy", { health: "unhealthy" }],
    ["full", { sessions: 1_000 }],
    ["no-free-address", { freeAddresses: 0 }],
    ["overloaded", { load: 1 }],
  ];
  for (const [kind, node, wish] of cases) assert.equal(refused(node, wish)?.kind, kind);
  assert.equal(refused({}), undefined);
});

test("a heartbeat of just the permitted age counts, and one that is older is told with its age", () => {
  assert.equal(refused({ heartbeatAge: seconds(60) }), undefined);
  assert.deepEqual(refused({ heartbeatAge: seconds(71) }), { kind: "stale", age: 71_000, limit: 60_000 });
});

test("the node that is hinted is chosen however full it is beside the others", () => {
  const fleet = [soundNode(0), soundNode(1, { sessions: 999 }), soundNode(2)];
  const choice = chooseNode(fleet, { ...anybody, nodeHint: "1" as NodeId }, rules, () => 0);
  assert.ok(choice.kind === "chosen" && choice.node.id === "1");
});

test("a draw of almost one is the last node's", () => {
  const fleet = [0, 1, 2].map((number) => soundNode(number, { capacity: 333_333_331, freeAddresses: 333_333_331 }));
  const choice = chooseNode(fleet, anybody, rules, () => 1 - 2 ** -53);
  assert.ok(choice.kind === "chosen" && choice.node.id === "2");
});

test("an almost full node beside an empty one is hardly ever chosen, and one half full in one of nine times", () => {
  const random = new Random(7);
  const chosenOf = (sessions: number) => {
    const fleet = [soundNode(0), soundNode(1, { sessions, load: sessions / 1_000 })];
    const choices = Array.from({ length: 9_000 }, () => chooseNode(fleet, anybody, rules, () => random.unit()));
    return choices.filter((choice) => choice.kind === "chosen" && choice.node.id === "1").length;
  };
  assert.ok(chosenOf(950) < 45, "one in four hundred");
  const half = chosenOf(500);
  assert.ok(half > 850 && half < 1_150, `${half}`);
});

test("an admin is told every refused node, also when another was chosen", () => {
  const fleet = [soundNode(0, { sessions: 1_000 }), soundNode(1), soundNode(2, { region: "ap" })];
  const why = explainChoice(fleet, { ...anybody, asker: "admin" }, rules);
  assert.deepEqual(why, {
    kind: "nodes",
    refused: [
      { id: "0", refusal: { kind: "full" } },
      { id: "2", refusal: { kind: "region-not-in-plan" } },
    ],
  });
});

test("a customer is told for each region of his plan what leaves most hope", () => {
  const fleet = [
    soundNode(0, { admission: "disabled" }),
    soundNode(1, { load: 1 }),
    soundNode(2, { region: "us", heartbeatAge: undefined }),
    soundNode(3, { region: "ap", sessions: 1_000 }),
  ];
  assert.deepEqual(reasonsOf(fleet), { eu: "busy", us: "unavailable" });
  assert.deepEqual(reasonsOf(fleet, { occupiedNodes: new Set(["0", "1", "2"] as NodeId[]) }), {
    eu: "occupied",
    us: "occupied",
  });
  assert.deepEqual(reasonsOf(fleet, { region: "us" }), { us: "unavailable" });
});

test("a customer cannot tell a region outside his plan, or a node that he names, from one that is not there", () => {
  const fleet = [soundNode(0, { region: "ap", sessions: 1_000 }), soundNode(1, { sessions: 1_000 })];
  assert.deepEqual(reasonsOf(fleet, { region: "ap" }), { ap: "not-in-plan" });
  assert.deepEqual(reasonsOf(fleet, { region: "mars" }), { mars: "not-in-plan" });
  assert.deepEqual(reasonsOf(fleet, { nodeHint: "0" as NodeId }), reasonsOf([], { nodeHint: "0" as NodeId }));
  assert.deepEqual(reasonsOf(fleet, { country: "fr" }), reasonsOf([], { country: "fr" }));
});

test("fifty thousand sessions from three replicas with old figures fill two hundred nodes alike", () => {
  const load = { nodes: 200, sessions: 50_000, replicas: 3, capacity: () => 1_000 };
  const ignorant = imbalanceOf({ ...load, perSecond: 50, countsOwn: false }, 1);
  assert.ok(ignorant <= 0.05, `${ignorant}`);
  const crowded = imbalanceOf({ ...load, perSecond: 250, countsOwn: true }, 1);
  assert.ok(crowded <= 0.05, `${crowded}`);
});

test("a node of twice the capacity takes twice the sessions", () => {
  const capacity = (index: number) => 1_000 * (1 + (index % 2));
  const load = { nodes: 100, sessions: 50_000, replicas: 3, perSecond: 50, countsOwn: false, capacity };
  const imbalance = imbalanceOf(load, 1);
  assert.ok(imbalance <= 0.05, `${imbalance}`);
});

for (const target of soakTargets.filter(({ unit }) => unit === "fleets")) {
  test(`${target.name}, a sample`, () => {
    const seed = 1 + Math.floor(Math.random() * 2 ** 31);
    assert.deepEqual(
      target.run(4_000, seed, () => {}),
      [],
    );
  });
}
