/** What may happen to two sessions, in any order; and what must be true of them at every moment, at rest, and at the end. */
import assert from "node:assert/strict";
import { millis } from "@ropewalk/kernel/units";
import type { SessionConfig } from "@ropewalk/tunnel/pure/session/session";
import type { StreamId } from "@ropewalk/tunnel/pure/wire/frame";
import fc from "fast-check";
import {
  answer,
  ask,
  conclude,
  copyAhead,
  createPair,
  cut,
  deliver,
  deliverCopy,
  dropOld,
  type End,
  finish,
  open,
  type Pair,
  peerOf,
  reset,
  type Side,
  settle,
  smallConfig,
  takeIn,
  transmit,
  write,
} from "./two-sessions.ts";

type StreamAct =
  | { readonly kind: "finish" | "reset" | "accept"; readonly at: End["role"]; readonly pick: number }
  | { readonly kind: "write" | "take"; readonly at: End["role"]; readonly pick: number; readonly length: number };

type Act =
  | StreamAct
  | { readonly kind: "open"; readonly at: End["role"] }
  | { readonly kind: "transmit" | "deliver"; readonly at: End["role"]; readonly times: number; readonly pick: number }
  | { readonly kind: "copy-ahead"; readonly at: End["role"] }
  | { readonly kind: "copy"; readonly at: End["role"]; readonly back: number; readonly again: boolean }
  | { readonly kind: "cut" | "drop-old" | "ask" | "answer" | "conclude" | "settle" }
  | { readonly kind: "wait"; readonly length: number };

export interface History {
  readonly configs: readonly [SessionConfig, SessionConfig];
  readonly acts: readonly Act[];
}

const at = fc.constantFrom<End["role"]>("source", "destination");
const pick = fc.nat(15);
const kind = <const K extends string>(...kinds: K[]) => fc.constantFrom(...kinds);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("open"), at }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("accept"), at, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("finish"), at, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("reset"), at, pick }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: kind("write"), at, pick, length: fc.oneof(fc.nat(200), fc.nat(20_000)) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind("take"), at, pick, length: fc.nat(30_000) }) },
  { weight: 12, arbitrary: fc.record({ kind: kind("transmit", "deliver"), at, times: fc.nat(4), pick }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("copy-ahead"), at }) },
  { weight: 8, arbitrary: fc.record({ kind: kind("copy"), at, back: fc.nat(15), again: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ kind: kind("ask", "answer", "conclude", "answer", "conclude") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("cut", "drop-old", "settle") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("wait"), length: fc.nat(100) }) },
);

const configs: readonly History["configs"][] = [
  [smallConfig, smallConfig],
  // One that holds less than the other lets it send.
  [{ credit: 24_576, mostStreams: 4, largestWindow: 8192 }, smallConfig],
  // One that takes fewer streams than the other opens.
  [smallConfig, { credit: 65_536, mostStreams: 3, largestWindow: 1_048_576 }],
];

export const histories: fc.Arbitrary<History> = fc.record({
  configs: fc.constantFrom(...configs),
  acts: fc.array(act, { minLength: 30, maxLength: 250, size: "max" }),
});

/** Throws where anything is not as it must be. */
export function play({ configs: [source, destination], acts }: History): void {
  const pair = createPair(source, destination);
  for (const act of acts) {
    perform(pair, act);
    checkPromises(pair);
  }
  settle(pair);
  checkRest(pair);
  writeMore(pair);
  finishAll(pair);
  for (const end of [pair.source, pair.destination]) while (pair.copies[end.role].length > 0) deliverCopy(pair, end);
  checkEnd(pair);
}

function perform(pair: Pair, act: Act): void {
  switch (act.kind) {
    case "cut":
      cut(pair);
      return;
    case "drop-old":
      dropOld(pair);
      return;
    case "ask":
      ask(pair);
      return;
    case "answer":
      answer(pair);
      return;
    case "conclude":
      conclude(pair);
      return;
    case "settle":
      settle(pair);
      return;
    case "wait":
      pair.now = millis(pair.now + act.length);
      return;
    case "open":
      open(pair, pair[act.at]);
      return;
    case "copy-ahead":
      copyAhead(pair, pair[act.at]);
      return;
    case "copy":
      deliverCopy(pair, pair[act.at], act.back, act.again);
      return;
    case "transmit":
      for (let count = 0; count < act.times; count += 1) transmit(pair, pair[act.at]);
      return;
    case "deliver":
      for (let count = 0; count < act.times; count += 1) deliver(pair, pair[act.at], act.pick);
      return;
    default:
      onStream(pair, pair[act.at], act);
  }
}

function onStream(pair: Pair, end: End, act: StreamAct): void {
  const living = livingOf(end);
  const [stream, side] = living[act.pick % Math.max(1, living.length)] ?? [];
  if (stream === undefined || side === undefined) return;
  switch (act.kind) {
    case "accept":
      end.session.accept(stream);
      return;
    case "write":
      if (!side.isFinished) write(end, stream, act.length);
      return;
    case "take":
      takeIn(pair, end, stream, act.length);
      return;
    case "finish":
      finish(end, stream);
      return;
    case "reset":
      reset(end, stream);
      return;
  }
}

export function livingOf(end: End): readonly (readonly [StreamId, Side])[] {
  return [...end.sides].filter(([, side]) => side.over === "no");
}

/** At every moment. What was promised is set aside, what is set aside is there, and no more is kept than may be. */
function checkPromises(pair: Pair): void {
  for (const { role, config, session, sides } of [pair.source, pair.destination]) {
    let [setAside, kept] = [0, 0];
    for (const [id, { phase, receive, send }] of session.streams) {
      setAside += receive.window;
      kept += send.kept;
      if (phase.kind === "aborting" || phase.kind === "resetting") continue;
      const { got = 0, waiting = 0, isEnded = false } = sides.get(id) ?? {};
      assert.ok(waiting <= receive.window, `${role} holds more of ${id} than was set aside`);
      if (!isEnded) assert.ok(receive.limit - got + waiting <= receive.window, `${role} promises too much of ${id}`);
    }
    assert.equal(setAside, session.promised, `${role} has lost count of its credit`);
    assert.ok(session.promised <= config.credit, `${role} promises more than it has`);
    assert.equal(session.kept, kept, `${role} has lost count of what it keeps`);
    assert.ok(kept <= config.credit + config.mostStreams, `${role} keeps too much`);
  }
}

/** When everything has moved and was taken: both ends have the same streams, and each of them all that was written. */
function checkRest(pair: Pair): void {
  for (const end of [pair.source, pair.destination]) {
    const other = peerOf(pair, end);
    for (const [stream, side] of livingOf(end)) {
      const theirs = other.sides.get(stream) ?? assert.fail(`stream ${stream} is only at the ${end.role}`);
      assert.equal(theirs.over, "no", `stream ${stream} lives only at the ${end.role}`);
      assert.equal(side.got, theirs.written, `stream ${stream} at the ${end.role}`);
      assert.equal(side.isEnded, theirs.isFinished, `stream ${stream} has its end at the ${end.role}`);
    }
    assert.equal(end.session.isExpecting, false, `the ${end.role} expects something`);
    assert.equal(end.session.kept, 0, `the ${end.role} keeps something`);
  }
}

/** Each stream goes on, more than once through its window. */
function writeMore(pair: Pair): void {
  const ends = [pair.source, pair.destination];
  for (const end of ends) for (const [stream] of livingOf(end)) end.session.accept(stream);
  const left = new Map(ends.flatMap((end) => livingOf(end).map(([, side]) => [side, 70_000])));
  for (let round = 0; [...left.values()].some((length) => length > 0); round += 1) {
    assert.ok(round < 100, "a stream does not go on");
    for (const end of ends)
      for (const [stream, side] of livingOf(end)) {
        const length = side.isFinished ? 0 : (left.get(side) ?? 0);
        left.set(side, length - (length > 0 ? write(end, stream, length) : 0));
      }
    settle(pair);
  }
  checkRest(pair);
}

/** Both applications end what they have, and everything is moved. */
function finishAll(pair: Pair): void {
  for (const end of [pair.source, pair.destination]) for (const [stream] of livingOf(end)) finish(end, stream);
  settle(pair);
}

function checkEnd(pair: Pair): void {
  for (const end of [pair.source, pair.destination]) {
    const { session } = end;
    assert.equal(session.streams.size, 0, `${end.role} keeps a stream`);
    assert.equal(session.promised, 0, `${end.role} keeps credit`);
    assert.equal(session.isExpecting, false);
    assert.equal(session.deadline(), undefined);
    for (const [stream, side] of end.sides) checkOver(end, stream, side, peerOf(pair, end).sides.get(stream));
  }
}

function checkOver({ role }: End, stream: StreamId, side: Side, theirs: Side | undefined): void {
  const what = `stream ${stream} at the ${role} is over by ${side.over}, at the other end by ${theirs?.over}`;
  if (side.over === "here") return;
  if (side.over === "closed") {
    // Who resets a stream when all was said may be too late.
    assert.ok(theirs?.over === "closed" || theirs?.over === "here", what);
    assert.equal(side.got, theirs.written, what);
    return;
  }
  // Nobody's stream is reset but by an application, or because there are too many: which may get lost on the way.
  assert.ok(theirs === undefined ? ["too-many", "aborted"].includes(side.over) : theirs.over === "here", what);
  // What was written before it has come before it.
  if (theirs !== undefined) assert.equal(side.got, theirs.written, what);
}
