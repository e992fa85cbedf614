/** The express lane of a session at its destination, as a source may use it, an honest one or not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { seconds } from "@ropewalk/kernel/units";
import { encodeOpenRequest } from "@ropewalk/tunnel/pure/open-request";
import { SessionEpochs } from "@ropewalk/tunnel/pure/session/epochs";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { isChainOver } from "./pure/lane/epochs.ts";
import { type Caller, OneDestination } from "./wires/one-destination.ts";
import { record } from "./wires/two-lanes.ts";

const startFrame = { type: "start", settings: { version: 1, initialCredit: 16_384, mostStreams: 2048 } } as const;
const [one, three] = [streamId(1), streamId(3)];
const connectFrame = (stream: typeof one) =>
  ({
    type: "connect",
    stream,
    limit: 16_384,
    request: encodeOpenRequest({ kind: "service", name: "db" }),
  }) as const;
const joinFrame = { type: "join" } as const;
const finFrame = { type: "fin", stream: one, offset: 0 } as const;

/** A session with a stream, and its express lane. */
async function joined(destination: OneDestination) {
  const caller = destination.call();
  caller.lane.send(record(startFrame, connectFrame(one)));
  await destination.rest();
  destination.tcp.attempts.at(-1)?.answer();
  await destination.rest();
  const express = destination.another(caller);
  express.lane.send(record(joinFrame));
  await destination.rest();
  return { caller, express, epochs: new SessionEpochs(sha384, "source", caller.epoch) };
}

/** Of which session is told. */
const of = ({ sessions }: OneDestination) => {
  const [session] = sessions.status();
  assert.ok(session?.state.kind === "up");
  return { session: session.id, remote: session.state.lane.remote };
};
const states = (destination: OneDestination) => destination.sessions.streamStatuses().map(({ state }) => state);
const welcomes = (destination: OneDestination, { far }: Caller) => destination.sessions.welcomesOf(far.id.toHex());
const areLanesErased = ({ far: { keys } }: Caller) =>
  keys.laneAuthentication.source.every((octet) => octet === 0) && isChainOver(keys.lanes);

test("what comes on the express lane counts at once, and once", async () => {
  using destination = new OneDestination();
  const { caller, express } = await joined(destination);
  assert.deepEqual([destination.opening.size, states(destination)], [0, ["open"]]);
  express.lane.send(record(finFrame));
  await destination.rest();
  assert.deepEqual(states(destination), ["half-closed"]);
  caller.lane.send(record(finFrame));
  await destination.rest();
  assert.deepEqual([states(destination), caller.lost, express.lost], [["half-closed"], [], []]);
  express.lane.send(record(finFrame));
  await destination.rest();
  const copies = { sent: 0, first: 1, late: 1, early: 0 };
  assert.deepEqual([destination.sessions.status()[0]?.copies, destination.tally.counts.copies], [copies, copies]);
});

test("whatever it may not bring ends the express lane alone: the session does not notice", async () => {
  for (const frame of [
    joinFrame,
    startFrame,
    connectFrame(three),
    { type: "accept", stream: one, limit: 9 },
    { type: "reset", stream: one, reason: "aborted" },
    { type: "gone", stream: one },
    { type: "go-away", reason: "over" },
  ] as const) {
    using destination = new OneDestination();
    const { caller, express } = await joined(destination);
    express.lane.send(record(finFrame, frame));
    await destination.rest();
    assert.deepEqual([express.lost.length, caller.lost, states(destination)], [1, [], ["open"]], frame.type);
    assert.deepEqual(destination.story, ["session-opened", "express-up", "express-lost"]);
    const why = { kind: "broken", detail: "it brought what is no copy" };
    assert.deepEqual(destination.events.at(-1), { kind: "express-lost", ...of(destination), why });
  }
});

test("a newer express lane takes the place of the one before it, which is cut", async () => {
  using destination = new OneDestination();
  const { caller, express } = await joined(destination);
  const newer = destination.another(caller);
  newer.lane.send(record(joinFrame));
  await destination.rest();
  assert.deepEqual([express.lost.length, newer.lost], [1, []]);
  assert.deepEqual(destination.story, ["session-opened", "express-up", "express-up"]);
  newer.lane.send(record(finFrame));
  await destination.rest();
  assert.deepEqual(states(destination), ["half-closed"]);
});

test("a lane that is welcomed beside another and does not join is cut", async () => {
  using destination = new OneDestination();
  const { caller } = await joined(destination);
  const [silent, wrong] = [destination.another(caller), destination.another(caller)];
  wrong.lane.send(record(startFrame));
  await destination.rest();
  assert.deepEqual([wrong.lost.length, silent.lost, destination.opening.size], [1, [], 1]);
  destination.clock.advance(seconds(11));
  await destination.rest();
  assert.deepEqual([silent.lost.length, caller.lost, destination.opening.size], [1, [], 0]);
});

test("when the session goes over to another epoch its express lane is cut, and none of the old epoch is welcomed", async () => {
  using destination = new OneDestination();
  const { caller, express, epochs } = await joined(destination);
  const late = destination.another(caller);
  assert.ok(welcomes(destination, caller) !== undefined);
  const next = destination.call();
  const state = { highest: 0, streams: [{ stream: one, received: 0, limit: 16_384 }] };
  next.lane.send(record({ type: "resume", ...epochs.claim(next.epoch), session: epochs.session, state }));
  await destination.rest();
  assert.equal(next.heard[0]?.type, "resumed");
  assert.deepEqual([express.lost.length, welcomes(destination, caller), areLanesErased(caller)], [1, undefined, true]);
  late.lane.send(record(joinFrame));
  await destination.rest();
  assert.deepEqual([late.lost.length, next.lost], [1, []]);
  const newer = destination.another(next);
  newer.lane.send(record(joinFrame, finFrame));
  newer.lane.send(record(finFrame));
  await destination.rest();
  assert.deepEqual(states(destination), ["half-closed"]);
});

test("with the lane that carries the session its express lane is gone, and so are the epoch's lane keys", async () => {
  using destination = new OneDestination();
  const { caller, express } = await joined(destination);
  caller.lane[Symbol.dispose]();
  await destination.rest();
  assert.deepEqual([express.lost.length, welcomes(destination, caller), areLanesErased(caller)], [1, undefined, true]);
  assert.deepEqual(destination.story, ["session-opened", "express-up", "session-absent"]);
});

test("the loss of the express lane is nobody's loss, whenever it comes", async () => {
  using destination = new OneDestination();
  const { caller, express } = await joined(destination);
  express.lane.send(record(finFrame));
  express.lane[Symbol.dispose]();
  await destination.rest();
  caller.lane.send(record(finFrame));
  await destination.rest();
  assert.deepEqual([caller.lost, states(destination)], [[], ["half-closed"]]);
  assert.deepEqual(destination.story, ["session-opened", "express-up", "express-lost"]);
  assert.deepEqual(destination.events[1], { kind: "express-up", ...of(destination) });
});
