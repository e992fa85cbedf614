/** The sessions of a destination, lane by lane and frame by frame, as a source may bring them about, an honest one or not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { encodeOpenRequest } from "@ropewalk/tunnel/pure/open-request";
import { SessionEpochs } from "@ropewalk/tunnel/pure/session/epochs";
import type { Frame, ResumeState } from "@ropewalk/tunnel/pure/wire/frame";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { isChainOver } from "./pure/lane/epochs.ts";
import { type Caller, OneDestination } from "./wires/one-destination.ts";
import { record } from "./wires/two-lanes.ts";

const settings = { version: 1, initialCredit: 16_384, mostStreams: 2048 } as const;
const startFrame = { type: "start", settings } as const;
const database = encodeOpenRequest({ kind: "service", name: "db" });
const connectFrame = (stream: number) =>
  ({ type: "connect", stream: streamId(stream), limit: 16_384, request: database }) as const;
const none: ResumeState = { highest: 0, streams: [] };
const withStream = (...ids: readonly number[]): ResumeState => ({
  ...{ highest: 0 },
  streams: ids.map((id) => ({ stream: streamId(id), received: 0, limit: 16_384 })),
});
const zeros = new Uint8Array(48);

/** A session with streams 1, 3 … whose targets have answered. */
async function begun(destination: OneDestination, name = "site", streams = 1) {
  const caller = destination.call(name);
  caller.lane.send(record(startFrame));
  const before = destination.tcp.attempts.length;
  for (let index = 0; index < streams; index += 1) caller.lane.send(record(connectFrame(2 * index + 1)));
  await destination.rest();
  const targets = destination.tcp.attempts.slice(before);
  for (const target of targets) target.answer();
  await destination.rest();
  return { caller, epochs: new SessionEpochs(sha384, "source", caller.epoch), targets };
}

function claimOn(next: Caller, epochs: SessionEpochs, state: ResumeState): Frame & { readonly type: "resume" } {
  return { type: "resume", ...epochs.claim(next.epoch), session: epochs.session, state };
}

const typesOf = (caller: Caller) => caller.heard.map(({ type }) => type);
const isErased = ({ far: { keys } }: Caller) =>
  isChainOver(keys.lanes) &&
  [keys.laneAuthentication, keys.resumption].every(({ source, destination }) =>
    [source, destination].every((secret) => secret.every((octet) => octet === 0)),
  );

test("a lane begins a session, and its streams reach their targets", async () => {
  using destination = new OneDestination();
  const { caller, targets } = await begun(destination, "site", 2);
  assert.deepEqual(typesOf(caller), ["started", "accept", "accept"]);
  assert.deepEqual(
    targets.map(({ to }) => to),
    Array(2).fill({ address: ipAddress("127.0.0.1"), port: 5432 }),
  );
  assert.deepEqual(destination.story, ["session-opened"]);
  assert.equal(destination.opening.size, 0);
});

test("a lane that begins nothing is cut after ten seconds, also when it goes on answering", async () => {
  using destination = new OneDestination();
  const caller = destination.call();
  destination.clock.advance(seconds(9));
  await destination.rest();
  assert.deepEqual(caller.lost, []);
  destination.clock.advance(seconds(2));
  await destination.rest();
  assert.deepEqual(caller.lost, [{ kind: "closed", code: "ECONNRESET" }]);
  assert.deepEqual([destination.opening.size, isErased(caller)], [0, true]);
});

test("a lane that begins with anything else is cut without an answer, and its epoch is erased", async () => {
  for (const frame of [connectFrame(1), { type: "started", settings }, { type: "unknown" }] as const) {
    using destination = new OneDestination();
    const caller = destination.call();
    caller.lane.send(record(frame));
    await destination.rest();
    assert.deepEqual([caller.heard, caller.lost.length, isErased(caller)], [[], 1, true]);
  }
});

test("who names a session that is not known is told so once, and may begin another on the same lane", async () => {
  using destination = new OneDestination();
  const [caller, other] = [destination.call(), destination.call()];
  const epochs = new SessionEpochs(sha384, "source", other.epoch);
  caller.lane.send(record(claimOn(caller, epochs, none)));
  await destination.rest();
  caller.lane.send(record(startFrame));
  await destination.rest();
  assert.deepEqual(typesOf(caller), ["unknown", "started"]);
  other.lane.send(record(claimOn(other, epochs, none)));
  other.lane.send(record(claimOn(other, epochs, none)));
  await destination.rest();
  assert.deepEqual([typesOf(other), other.lost.length], [["unknown"], 1]);
});

test("after a loss another lane resumes the session, and its streams are still there", async () => {
  using destination = new OneDestination();
  const { caller, epochs, targets } = await begun(destination);
  caller.lane[Symbol.dispose]();
  await destination.rest();
  const next = destination.call();
  next.lane.send(record(claimOn(next, epochs, withStream(1))));
  await destination.rest();
  assert.equal(next.heard[0]?.type, "resumed");
  assert.deepEqual(destination.story, ["session-opened", "session-absent", "session-resumed"]);
  assert.deepEqual([destination.sessions.streams, targets[0]?.connection.fate], [1, "open"]);
});

test("what a target wrote before it reset its connection is waited for, and comes before the reset on the next lane", async () => {
  using destination = new OneDestination();
  const { caller, epochs, targets } = await begun(destination);
  const connection = targets[0]?.connection;
  caller.lane[Symbol.dispose]();
  await destination.rest();
  connection?.arrive(new Uint8Array(500));
  connection?.fail("ECONNRESET");
  assert.equal(destination.sessions.streams, 1);
  const next = destination.call();
  next.lane.send(record(claimOn(next, epochs, withStream(1))));
  await destination.rest();
  assert.deepEqual(typesOf(next), ["resumed", "data", "reset"]);
  next.lane.send(record({ type: "ack", stream: streamId(1), received: 500 }));
  await destination.rest();
  assert.equal(destination.sessions.streams, 0);
});

test("another peer cannot resume a session, though it has everything that proves it", async () => {
  using destination = new OneDestination();
  const { caller, epochs } = await begun(destination);
  const thief = destination.call("thief");
  thief.lane.send(record(claimOn(thief, epochs, withStream(1))));
  await destination.rest();
  assert.deepEqual(typesOf(thief), ["unknown"]);
  assert.deepEqual([destination.sessions.streams, caller.lost], [1, []]);
});

test("a wrong proof resumes nothing and disturbs nothing, and one that comes late is cut without an answer", async () => {
  using destination = new OneDestination();
  const { caller, epochs } = await begun(destination);
  const [wrong, late, next] = [destination.call(), destination.call(), destination.call()];
  wrong.lane.send(record({ type: "resume", attempt: 9, session: epochs.session, proof: zeros, state: none }));
  const old = claimOn(late, epochs, withStream(1));
  next.lane.send(record(claimOn(next, epochs, withStream(1))));
  await destination.rest();
  assert.deepEqual([typesOf(wrong), next.heard[0]?.type], [["unknown"], "resumed"]);
  late.lane.send(record(old));
  await destination.rest();
  assert.deepEqual([late.heard, late.lost.length, next.lost, caller.lost], [[], 1, [], []]);
});

test("the first thing that comes on the new lane confirms its epoch, and the one before is erased", async () => {
  using destination = new OneDestination();
  const { caller, epochs } = await begun(destination);
  const next = destination.call();
  next.lane.send(record(claimOn(next, epochs, withStream(1))));
  await destination.rest();
  assert.equal(isErased(caller), false);
  next.lane.say({ type: "ping", token: new Uint8Array(8) });
  await destination.rest();
  assert.equal(isErased(caller), true);
});

test("the lane before carries on until its source closes it, and is cut when it does not", async () => {
  using destination = new OneDestination();
  const { caller, epochs } = await begun(destination);
  const next = destination.call();
  next.lane.send(record(claimOn(next, epochs, withStream(1))));
  await destination.rest();
  caller.lane.send(record(connectFrame(3)));
  await destination.rest();
  assert.equal(destination.sessions.streams, 2);
  destination.clock.advance(seconds(5));
  await destination.rest();
  assert.deepEqual([caller.lost.length, next.lost], [1, []]);
});

test("a session whose source stays away ends after its hold, and its targets' connections are reset", async () => {
  using destination = new OneDestination({ session_hold: "2m" });
  const { caller, targets } = await begun(destination, "site", 2);
  caller.lane[Symbol.dispose]();
  await destination.rest();
  destination.clock.advance(seconds(119));
  assert.equal(destination.sessions.size, 1);
  destination.clock.advance(seconds(2));
  assert.equal(destination.sessions.size, 0);
  assert.deepEqual(
    targets.map(({ connection }) => connection.fate),
    ["reset", "reset"],
  );
  assert.deepEqual(destination.story, ["session-opened", "session-absent", "session-ended hold-over"]);
});

test("a session that is revoked ends in that moment: its targets are cut before anything else happens", async () => {
  using destination = new OneDestination();
  const { caller, targets } = await begun(destination);
  destination.live.use({ trust: { authorities: [], crls: [], demandsCrl: false }, allow: undefined });
  assert.deepEqual(
    targets.map(({ connection }) => connection.fate),
    ["reset"],
  );
  assert.equal(destination.sessions.size, 0);
  await destination.rest();
  assert.deepEqual(caller.heard.at(-1), { type: "go-away", reason: "over" });
  assert.equal(destination.story.at(-1), "session-ended revoked");
});

test("a source that says it has gone is not waited for", async () => {
  using destination = new OneDestination();
  const { caller, targets } = await begun(destination);
  caller.lane.say({ type: "go-away", reason: "over" });
  caller.lane.close();
  await destination.rest();
  assert.deepEqual(
    targets.map(({ connection }) => connection.fate),
    ["reset"],
  );
  assert.deepEqual([destination.sessions.size, destination.story.at(-1)], [0, "session-ended left"]);
});

test("two sources with the same numbers of streams have nothing to do with each other", async () => {
  using destination = new OneDestination();
  const one = await begun(destination, "one", 2);
  const other = await begun(destination, "other", 2);
  one.caller.lane.say({ type: "reset", stream: streamId(1), reason: "aborted" });
  one.caller.lane.send(record({ type: "ack", stream: streamId(77), received: 1 }));
  await destination.rest();
  assert.deepEqual(
    one.targets.map(({ connection }) => connection.fate),
    ["reset", "reset"],
  );
  assert.deepEqual(
    other.targets.map(({ connection }) => connection.fate),
    ["open", "open"],
  );
  assert.deepEqual([destination.sessions.size, other.caller.lost], [1, []]);
});

test("what a target answers after the session is over is reset, and its place is free", async () => {
  using destination = new OneDestination();
  const caller = destination.call();
  caller.lane.send(record(startFrame, connectFrame(1)));
  await destination.rest();
  destination.sessions.endAll();
  const [target] = destination.tcp.attempts;
  assert.equal(target?.signal.aborted, true);
  target?.answer();
  await destination.rest();
  assert.notEqual(target?.connection.fate, "closed");
  assert.equal(destination.sessions.streams, 0);
});

test("a fault behind a resumption ends the session, and it is told in that order", async () => {
  using destination = new OneDestination();
  const { epochs } = await begun(destination);
  const next = destination.call();
  next.lane.send(record(claimOn(next, epochs, withStream(1)), { type: "ack", stream: streamId(99), received: 3 }));
  await destination.rest();
  assert.deepEqual(destination.story, ["session-opened", "session-ended broken"]);
  assert.equal(next.lost.length, 1);
});

test("a peer that begins session after session keeps as many as it may, and loses none of another's", async () => {
  using destination = new OneDestination({}, { max_sessions_per_source: 2, max_sessions: 3 });
  const [one, two, other] = [await begun(destination), await begun(destination), await begun(destination, "other")];
  const more = destination.call();
  more.lane.send(record(startFrame));
  await destination.rest();
  assert.deepEqual([more.heard, more.lost.length, isErased(more)], [[], 1, true]);
  two.caller.lane[Symbol.dispose]();
  await destination.rest();
  await begun(destination);
  assert.deepEqual(two.targets[0]?.connection.fate, "reset");
  assert.deepEqual(
    [one, other].map(({ targets }) => targets[0]?.connection.fate),
    ["open", "open"],
  );
  assert.deepEqual(destination.story.slice(3), [
    "trouble",
    "session-absent",
    "session-ended too-many",
    "session-opened",
  ]);
});

test("a session that is refused is told with the setting that allows no more", async () => {
  for (const [name, setting] of [
    ["site", "tunnel.destination.max_sessions_per_source = 1"],
    ["other", "tunnel.destination.max_sessions = 2"],
  ] as const) {
    const keys = { max_sessions_per_source: name === "site" ? 1 : 2, max_sessions: 2 };
    using destination = new OneDestination({}, keys);
    await begun(destination);
    if (name === "other") await begun(destination, "third");
    const more = destination.call(name);
    more.lane.send(record(startFrame));
    await destination.rest();
    const told = destination.events.at(-1);
    assert.ok(told?.kind === "trouble");
    assert.match(told.text, new RegExp(`^a session of ${name}\\.example, .* was refused: .* ${setting} allows$`));
  }
});
