/**
 * Sessions that come one by one to one of several replicas of entry. Each replica chooses by what the nodes' heartbeats told, which come
 * every ten seconds, each node's at its own moment, and knows nothing of what another replica has chosen since.
 */
import assert from "node:assert/strict";
import { chooseNode } from "@ropewalk/entry/pure/node-choice";
import type { FleetNode } from "@ropewalk/entry/pure/node-fitness";
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { anybody, rules, soundNode } from "./fleets.ts";

export interface Load {
  readonly nodes: number;
  readonly sessions: number;
  readonly replicas: number;
  readonly perSecond: number;
  /** Whether a replica counts what it itself has chosen since. */
  readonly countsOwn: boolean;
  /** Of each node; its index tells it from others. */
  readonly capacity: (index: number) => number;
}

const heartbeatEvery = 10;

/** By how much the taken share of its capacity is at most off, of any node, from that of all together: a part of the latter. */
export function imbalanceOf(load: Load, seed: number): number {
  const random = new Random(seed);
  const phases = Array.from({ length: load.nodes }, () => random.between(0, heartbeatEvery));
  const taken = new Array<number>(load.nodes).fill(0);
  const fleet = taken.map((_, index) =>
    soundNode(index, { capacity: load.capacity(index), freeAddresses: load.capacity(index) }),
  );
  const told = Array.from({ length: load.replicas }, () => [...fleet]);
  const lastBeat = phases.map((phase) => phase - heartbeatEvery);
  for (let session = 0; session < load.sessions; session += 1) {
    const now = session / load.perSecond;
    for (let index = 0; index < load.nodes; index += 1) {
      if (now - (lastBeat[index] ?? 0) < heartbeatEvery) continue;
      lastBeat[index] = (lastBeat[index] ?? 0) + heartbeatEvery;
      const node = heard(fleet[index] ?? assert.fail(), taken[index] ?? 0);
      for (const figures of told) figures[index] = node;
    }
    const replica = told[random.below(load.replicas)] ?? assert.fail();
    const choice = chooseNode(replica, anybody, rules, () => random.unit());
    assert.equal(choice.kind, "chosen");
    if (choice.kind !== "chosen") continue;
    const index = Number(choice.node.id);
    taken[index] = (taken[index] ?? 0) + 1;
    if (load.countsOwn) replica[index] = heard(choice.node, choice.node.sessions + 1);
  }
  const whole = fleet.reduce((sum, { capacity }) => sum + capacity, 0);
  const fair = load.sessions / whole;
  return Math.max(...fleet.map(({ capacity }, index) => Math.abs((taken[index] ?? 0) / capacity / fair - 1)));
}

function heard(node: FleetNode, sessions: number): FleetNode {
  const { capacity } = node;
  return { ...node, sessions, freeAddresses: capacity - sessions, load: sessions / capacity, heartbeatAge: millis(0) };
}
