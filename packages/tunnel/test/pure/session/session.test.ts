import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import {
  createPair,
  deliver,
  type End,
  open,
  type Pair,
  refresh,
  resume,
  settle,
  takeIn,
  transmit,
  write,
} from "./two-sessions.ts";

type StreamAct =
  | { readonly kind: "finish" | "reset" | "accept"; readonly at: End["role"]; readonly pick: number }
  | { readonly kind: "write" | "take"; readonly at: End["role"]; readonly pick: number; readonly length: number };

type Act =
  | StreamAct
  | { readonly kind: "open"; readonly at: End["role"]; readonly pick: number }
  | { readonly kind: "transmit" | "deliver"; readonly at: End["role"]; readonly times: number }
  | { readonly kind: "cut" | "refresh" }
  | { readonly kind: "wait"; readonly length: number };

const at = fc.constantFrom<End["role"]>("source", "destination");
const pick = fc.nat(15);
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("open" as const), at, pick }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("accept" as const), at, pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("finish" as const, "reset" as const), at, pick }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("write" as const),
        at,
        pick,
        length: fc.oneof(fc.nat(200), fc.nat(20_000)),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("take" as const), at, pick, length: fc.nat(30_000) }) },
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constantFrom("transmit" as const, "deliver" as const), at, times: fc.nat(5) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("cut" as const, "refresh" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), length: fc.nat(100) }) },
  ),
  { minLength: 30, maxLength: 200, size: "max" },
);

test("whatever is written, cut, refreshed and reset, every octet comes once and in order, and every end comes", () => {
  fc.assert(
    fc.property(acts, (history) => {
      const pair = createPair();
      for (const act of history) play(pair, act);
      finishAll(pair);
      check(pair);
    }),
    { numRuns: 400 },
  );
});

function play(pair: Pair, act: Act): void {
  switch (act.kind) {
    case "cut":
      resume(pair);
      return;
    case "refresh":
      refresh(pair, () => transmit(pair, pair.source));
      return;
    case "wait":
      pair.now = millis(pair.now + act.length);
      return;
    case "open":
      open(pair, pair[act.at]);
      return;
    case "transmit":
    case "deliver":
      for (let count = 0; count < act.times; count += 1)
        (act.kind === "transmit" ? transmit : deliver)(pair, pair[act.at]);
      return;
    default:
      onStream(pair, pair[act.at], act);
  }
}

function onStream(pair: Pair, end: End, act: StreamAct): void {
  const living = [...end.sides].filter(([, side]) => side.over === "no");
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
      end.session.finish(stream);
      side.isFinished = true;
      return;
    case "reset":
      end.session.reset(stream, "aborted");
      side.over = "here";
      side.waiting = 0;
      return;
  }
}

/** Both applications end what they have, and everything is moved. */
function finishAll(pair: Pair): void {
  settle(pair);
  for (const end of [pair.source, pair.destination])
    for (const [stream, side] of end.sides)
      if (side.over === "no") {
        end.session.finish(stream);
        side.isFinished = true;
      }
  settle(pair);
}

function check({ source, destination }: Pair): void {
  for (const [one, other] of [
    [source, destination],
    [destination, source],
  ] as const) {
    assert.equal(one.session.streams.size, 0, `${one.role} keeps a stream`);
    for (const [stream, side] of one.sides) {
      assert.notEqual(side.over, "no", `stream ${stream} is never over at the ${one.role}`);
      const theirs = other.sides.get(stream);
      if (theirs === undefined) {
        assert.ok(side.over !== "closed");
        continue;
      }
      if (side.over !== "closed") continue;
      // Who resets a stream when all was said may be too late.
      assert.ok(theirs.over === "closed" || theirs.over === "here", theirs.over);
      assert.equal(side.got, theirs.written, `stream ${stream} at the ${one.role}`);
    }
  }
}
