/** Targets that fail everywhere, and those that only seem to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faultyTargets } from "@ropewalk/backhaul/pure/health/faulty-targets";
import { dead, good, ip, type Line, Rig, subject } from "./rig.ts";

function to(address: string, answer: Line): Line {
  return (question, at) => {
    const isAsked = "target" in question && question.target === ip(address);
    return isAsked ? answer(question, at) : good()(question, at);
  };
}

const faultyIn = (rig: Rig) => faultyTargets(rig.state.paths.values());

test("a target that answers on no path while another does is faulty, also after a third took its place", () => {
  const rig = new Rig();
  rig.follow(subject(), subject({ name: "wan1", slot: 2 }));
  rig.line = to("1.1.1.1", dead);
  rig.run(300_000);
  assert.deepEqual(faultyIn(rig), ["cloudflare 1.1.1.1"]);
  rig.lines.set("wan1", good());
  rig.run(120_000);
  assert.deepEqual(faultyIn(rig), [], "by one of them it answers");
});

test("a target that answers connections is not faulty for swallowing ICMP", () => {
  const rig = new Rig();
  rig.line = to("1.1.1.1", (question, at) => (question.kind === "echo" ? dead : good())(question, at));
  rig.run(120_000);
  assert.deepEqual(faultyIn(rig), []);
});

test("where nothing answers no target is faulty", () => {
  const rig = new Rig();
  rig.line = dead;
  rig.run(120_000);
  assert.deepEqual(faultyIn(rig), []);
});
