/** How an exit tells entry of itself, and what it does with what entry answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { HeartbeatResponseSchema } from "@ropewalk/api/proto/vpn/registry";
import { seconds } from "@ropewalk/kernel/units";
import { createLog } from "@ropewalk/ops/log";
import { Heartbeats, type HeartbeatsDeps } from "@ropewalk/vpn/node/heartbeats";
import { ExitRig, keyOf, settled } from "./exit-rig.ts";
import { placeMessage } from "./pure/wire-messages.ts";

type Reply = MessageInitShape<typeof HeartbeatResponseSchema>;

/** An entry that answers what `answer` says, and an exit that asks it. */
function scene(rig: ExitRig, answer: () => Reply) {
  const beats: Parameters<HeartbeatsDeps["registry"]["heartbeat"]>[0][] = [];
  const health: string[] = [];
  const lines: string[] = [];
  const heartbeats = new Heartbeats({
    ...{ node: rig.node, clock: rig.clock, chance: () => 1 },
    registry: {
      heartbeat: async (request) => {
        beats.push(request);
        return create(HeartbeatResponseSchema, answer());
      },
    },
    about: { version: "1", controlAddress: "a:1", endpoint: "b:2", pools: [], ownAddresses: [] },
    health: { healthy: () => void health.push("healthy"), report: (state) => void health.push(state) },
    log: createLog({
      ...{ level: "info", format: "json", clock: rig.clock },
      destination: { write: (line) => void lines.push(line) },
    }),
  });
  return { heartbeats, beats, health, lines };
}

const well: Reply = { nextMillis: 5_000, isAdmitted: true };

test("the exit beats at once, and then as often as entry wants", async () => {
  await using rig = await ExitRig.open();
  const { heartbeats, beats, health } = scene(rig, () => well);
  await using _heartbeats = heartbeats;
  await settled();
  assert.deepEqual([beats.length, health, heartbeats.entry], [1, ["healthy"], { kind: "reached", isAdmitted: true }]);
  await rig.pass(seconds(4.9));
  assert.equal(beats.length, 1);
  await rig.pass(seconds(0.1));
  assert.equal(beats.length, 2);
  assert.equal(beats[0]?.status?.wantsSnapshot, true);
});

test("a snapshot that entry answers with is carried out, and asked for no more", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(5)]);
  const value = placeMessage();
  if (value.peer !== undefined) value.peer.addresses = [Uint8Array.of(10, 90, 0, 2)];
  if (value.until !== undefined) value.until = { ...value.until, boot: rig.node.status().boot };
  const snapshot = { watermark: 9n, boot: rig.node.status().boot, placements: [value] };
  const { heartbeats, beats } = scene(rig, () => ({ ...well, snapshot }));
  await using _heartbeats = heartbeats;
  await settled();
  assert.deepEqual(await rig.peers(), [Buffer.from(new Uint8Array(32).fill(3)).toString("base64")]);
  await rig.pass(seconds(5));
  assert.deepEqual([beats[1]?.status?.wantsSnapshot, beats[1]?.status?.watermark], [false, 9n]);
});

test("entry that is away is asked again, ever less often, and told as away once", async () => {
  await using rig = await ExitRig.open();
  let isAway = true;
  const { heartbeats, beats, health, lines } = scene(rig, () => {
    if (isAway) throw new Error("nobody there");
    return well;
  });
  await using _heartbeats = heartbeats;
  await settled();
  for (const [pause, count] of [
    [0.5, 2],
    [1, 3],
    [2, 4],
    [4, 5],
    [8, 6],
    [10, 7],
    [10, 8],
  ] as const) {
    await rig.pass(seconds(pause - 0.01));
    assert.equal(beats.length, count - 1);
    await rig.pass(seconds(0.01));
    assert.equal(beats.length, count);
  }
  assert.equal(heartbeats.entry.kind, "away");
  assert.equal(lines.filter((line) => line.includes("does not answer")).length, 1);
  isAway = false;
  await rig.pass(seconds(10));
  assert.deepEqual([heartbeats.entry.kind, health.at(-1)], ["reached", "healthy"]);
  assert.ok(rig.node.status().isHealthy, "an entry that was away is no trouble of the exit's");
});

test("an exit that finds whom nobody ordered tells it without waiting for its turn", async () => {
  await using rig = await ExitRig.open();
  const { boot } = rig.node.status();
  const { heartbeats, beats } = scene(rig, () => ({ ...well, snapshot: { watermark: 1n, boot, placements: [] } }));
  await using _heartbeats = heartbeats;
  await settled();
  const stray = { publicKey: keyOf(9), presharedKey: undefined, allowedPrefixes: [], keepalive: undefined };
  await rig.device.inner.change([{ kind: "add", peer: stray }]);
  await rig.pass(seconds(1));
  assert.equal(beats.length, 1);
  await rig.node.reconcile();
  await settled();
  assert.deepEqual([beats.length, beats[1]?.status?.wantsSnapshot], [2, true]);
});

test("a snapshot that is none, or that cannot be carried out, is told in the log, and the exit beats on", async () => {
  await using rig = await ExitRig.open();
  const { boot } = rig.node.status();
  let snapshot: Reply["snapshot"] = { watermark: 2n ** 60n, boot, placements: [] };
  const { heartbeats, beats, lines } = scene(rig, () => ({ ...well, ...(snapshot === undefined ? {} : { snapshot }) }));
  await using _heartbeats = heartbeats;
  await settled();
  snapshot = { watermark: 1n, boot: "other", placements: [] };
  await rig.pass(seconds(5));
  await rig.pass(seconds(5));
  assert.equal(beats.length, 3);
  assert.match(lines.join(), /a snapshot that is none.*was refused/s);
});
