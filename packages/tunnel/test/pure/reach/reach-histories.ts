/** Random histories of a source: what the network, the peer, the clock and the operator may do to it, in any order. */
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { seconds } from "@ropewalk/kernel/units";
import type { AttemptId, DialFailure } from "@ropewalk/tunnel/pure/reach/attempt";
import type { LaneLoss, ReachEffect } from "@ropewalk/tunnel/pure/reach/reach-state";
import type { Destination } from "@ropewalk/tunnel/pure/reach/way";
import fc from "fast-check";
import { hub, path, type Reaching, spare } from "./reach-fixture.ts";

const third = "192.0.2.200:8443" as Destination;
const allPaths = [path("wan0", 1), path("wan0", 11, "ipv6"), path("wwan0", 2), path("wan1", 3)];

export type Happening =
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "up"; readonly which: number; readonly isForgotten: boolean }
  | { readonly kind: "fail"; readonly which: number; readonly reason: DialFailure }
  | { readonly kind: "lose"; readonly why: LaneLoss }
  | { readonly kind: "stale"; readonly attempt: number }
  | { readonly kind: "paths"; readonly paths: readonly PathBinding[] | "unmanaged" }
  | { readonly kind: "streams"; readonly streams: number }
  | { readonly kind: "destinations"; readonly destinations: readonly Destination[] }
  | { readonly kind: "refresh-now" }
  | { readonly kind: "session-stopping" }
  | { readonly kind: "session-ended" };

const paths = fc.oneof(
  { weight: 6, arbitrary: fc.shuffledSubarray(allPaths) },
  { weight: 1, arbitrary: fc.constant("unmanaged" as const) },
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(1, 20, 90, 700, 3_000, 40_000) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("up"), which: fc.nat(1), isForgotten: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("fail"),
      which: fc.nat(1),
      reason: fc.constantFrom("unreachable", "cut-off", "refused", "deadline", "no-welcome"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("lose"),
      why: fc.constantFrom<LaneLoss>(
        { kind: "closed", code: "ended" },
        { kind: "heartbeat", silence: seconds(2), missed: 3 },
        { kind: "write-failed", code: "EPIPE" },
        { kind: "broken", detail: "as the test says" },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stale"), attempt: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("paths"), paths }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("streams"), streams: fc.constantFrom(0, 0, 3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("destinations"),
      destinations: fc.shuffledSubarray([hub, spare, third], { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refresh-now") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("session-ended") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("session-stopping") }) },
);

export const histories: fc.Arbitrary<readonly Happening[]> = fc.array(happening, { maxLength: 60, size: "max" });

/** Does it, when it can happen now. */
export function play(reaching: Reaching, event: Happening): readonly ReachEffect[] {
  const { lane, attempts } = reaching.running;
  switch (event.kind) {
    case "pass":
      reaching.pass(event.ms);
      return [];
    case "up": {
      const found = attempts[event.which];
      if (found === undefined) return [];
      const isNew = event.isForgotten || found.way.destination !== reaching.running.session;
      const { streams } = reaching;
      return reaching.happen({
        kind: "dialled",
        attempt: found.attempt,
        outcome: isNew ? { kind: "started", lost: 0 } : { kind: "resumed", streams, resent: 0 },
      });
    }
    case "fail": {
      const attempt = attempts[event.which]?.attempt;
      const { reason } = event;
      return attempt === undefined ? [] : reaching.happen({ kind: "dial-failed", attempt, reason, detail: "" });
    }
    case "lose":
      return lane === undefined ? [] : reaching.happen({ kind: "lane-lost", attempt: lane.attempt, why: event.why });
    case "stale":
      return playStale(reaching, event.attempt as AttemptId);
    case "paths":
      return reaching.happen({ kind: "connectivity", paths: event.paths });
    case "streams":
      reaching.streams = event.streams;
      return reaching.happen({ kind: "timer" });
    case "destinations":
      reaching.config = { ...reaching.config, destinations: event.destinations };
      return reaching.happen({ kind: "reconfigured" });
    case "refresh-now":
    case "session-stopping":
    case "session-ended":
      return reaching.happen(event);
  }
}

/** What is told of an attempt that is over; the one that carries is no such. */
function playStale(reaching: Reaching, attempt: AttemptId): readonly ReachEffect[] {
  const { lane, attempts } = reaching.running;
  if (lane?.attempt === attempt || attempts.some((each) => each.attempt === attempt)) return [];
  return [
    ...reaching.happen({ kind: "dial-failed", attempt, reason: "refused", detail: "" }),
    ...reaching.happen({ kind: "lane-lost", attempt, why: { kind: "closed", code: "ended" } }),
    ...reaching.happen({ kind: "dialled", attempt, outcome: { kind: "started", lost: 0 } }),
  ];
}
