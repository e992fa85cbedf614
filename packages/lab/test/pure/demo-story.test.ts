/** What the demo takes from Ropewalk's event stream, and what it leaves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeStory } from "../../src/demo/pure/node-story.ts";

const uplink = (name: string, state: string, text = "") => ({
  id: `mac-${name}`,
  name,
  ipv4: { state, reason: { text } },
});
const steering = { standing: "steering" };

function begun(): NodeStory {
  const story = new NodeStory();
  const uplinks = [uplink("wan0", "up"), uplink("wan1", "probing")];
  const picture = {
    kind: "snapshot",
    seenAtMonotonicMs: 1,
    status: { backhaul: { uplinks, steering: { standing: "waiting" } } },
  };
  assert.deepEqual(story.hear(JSON.stringify(picture)), { kind: "picture" });
  return story;
}

const changed = (at: number, what: unknown) =>
  JSON.stringify({ kind: "uplink-changed", seenAtMonotonicMs: at, uplink: what, changed: [] });
const act = (at: number, action: string, family: string | null, more: object = {}) =>
  JSON.stringify({
    ...{ kind: "steering", seenAtMonotonicMs: at, action, family, uplinkId: "mac-wan1" },
    ...{ cause: "why", evidence: [], steering, ...more },
  });

test("Ropewalk steers once it says so and calls every uplink up", () => {
  const story = begun();
  const names = ["wan0", "wan1"];
  story.hear(act(2, "taken", null));
  assert.equal(story.isSteering(names), false, "wan1 is not up");
  story.hear(changed(3, uplink("wan1", "up", "wan1 is well")));
  assert.equal(story.isSteering(names), true);
  story.hear(act(4, "given-back", null, { steering: { standing: "waiting" } }));
  assert.equal(story.isSteering(names), false);
});

test("an uplink is told when its state is another one, and not when only its figures are", () => {
  const story = begun();
  const word = { kind: "uplink", at: 2_500_000n, name: "wan0", state: "down", reason: "silent" };
  assert.deepEqual(story.hear(changed(2.5, uplink("wan0", "down", "silent"))), word);
  assert.equal(story.hear(changed(3, uplink("wan0", "down", "still silent"))), undefined);
  assert.deepEqual(story.verdictOn("wan0", 2_000_000n), word);
  assert.equal(story.verdictOn("wan0", 2_500_000n), undefined);
});

test("the first move to an uplink behind a moment is found, of IPv4 alone", () => {
  const story = begun();
  assert.equal(story.hear(act(5, "moved", "ipv6")), undefined);
  story.hear(act(6, "moved", "ipv4", { cause: "earlier" }));
  story.hear(act(8, "moved", "ipv4"));
  story.hear(act(9, "moved", "ipv4", { cause: "later" }));
  assert.deepEqual(story.moveTo("wan1", 7_000_000n), { kind: "moved", at: 8_000_000n, to: "wan1", cause: "why" });
  assert.equal(story.moveTo("wan0", 0n), undefined);
  assert.equal(story.moveTo("wan1", 9_000_000n), undefined);
});

test("ended flows are told, other events are not", () => {
  const story = begun();
  const ended = act(7, "ended-flows", "ipv4", { evidence: ["1 local sockets ended"] });
  assert.deepEqual(story.hear(ended), { kind: "ended", at: 7_000_000n, evidence: ["1 local sockets ended"] });
  assert.equal(story.hear(JSON.stringify({ kind: "connectivity" })), undefined);
  assert.equal(story.hear(JSON.stringify({ kind: "of-a-later-version" })), undefined);
  assert.throws(() => story.hear("no JSON"), SyntaxError);
});
