/** One target on one path: how it is pulsed, how long it takes, and what it lost. A target that alone fails is not the path's fault. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeTarget } from "./health-config.ts";
import {
  counted,
  emptyWindow,
  foundAgain,
  type LossEstimate,
  lossOf,
  type QualityWindow,
  wholeLossOf,
} from "./quality-window.ts";
import { isQueued, type RttEstimate, withSample } from "./rtt.ts";

export interface TargetHealth {
  readonly target: ProbeTarget;
  /** Networks that swallow ICMP are pulsed with TCP handshakes. */
  readonly by: "echo" | "tcp";
  readonly pulses: number;
  /** Pulses since one was answered, those that still may be among them. */
  readonly unanswered: number;
  readonly rtt: RttEstimate | undefined;
  readonly window: QualityWindow;
  /** Lost in a row. */
  readonly misses: number;
  readonly heardAt: Millis | undefined;
  readonly firstHeardAt: Millis | undefined;
  /** When the pulses were sent that last came back through a full queue: what was lost between them was lost to the queue. */
  readonly queuedFrom: Millis | undefined;
  readonly queuedUntil: Millis | undefined;
}

/** "cloudflare 1.1.1.1": how people tell targets apart. */
export function labelOf({ name, address }: ProbeTarget): string {
  return `${name} ${address}`;
}

export function newTarget(target: ProbeTarget, interval: Millis): TargetHealth {
  return {
    target,
    by: "echo",
    pulses: 0,
    unanswered: 0,
    rtt: undefined,
    window: emptyWindow(interval),
    misses: 0,
    heardAt: undefined,
    firstHeardAt: undefined,
    queuedFrom: undefined,
    queuedUntil: undefined,
  };
}

/** So many misses in a row are not chance on a path that carries anything. */
export const hopelessMisses = 4;

export function isHopeless({ misses }: Pick<TargetHealth, "misses">): boolean {
  return misses >= hopelessMisses;
}

/** In TCP mode one pulse in so many tries ICMP again. */
const retryEcho = 30;

export function nextPulseKind({ by, pulses }: TargetHealth): "echo" | "tcp" {
  return by === "echo" || pulses % retryEcho === retryEcho - 1 ? "echo" : "tcp";
}

export interface AnsweredPulse {
  readonly sentAt: Millis;
  readonly kind: "echo" | "tcp";
  /** When it was counted as lost; undefined when it was not. */
  readonly lostAt: Millis | undefined;
  /** Pulses of a burst are sent because others were lost: who counted them would not count chance. */
  readonly isPlanned: boolean;
}

/** `rtt` is undefined when it could not be measured: we were stalled meanwhile. */
export function answered(
  before: TargetHealth,
  pulse: AnsweredPulse,
  rtt: Millis | undefined,
  now: Millis,
): TargetHealth {
  // A handshake that is answered late says nothing against the echo that was answered meanwhile.
  const by = before.by === "echo" ? "echo" : pulse.kind;
  const firstHeardAt = before.firstHeardAt ?? now;
  const alive: TargetHealth = { ...before, by, unanswered: 0, misses: 0, heardAt: now, firstHeardAt };
  if (rtt === undefined) return alive;
  const estimate = withSample(before.rtt, rtt, pulse.sentAt < firstHeardAt);
  const heard = { ...alive, rtt: estimate, window: windowAfter(before.window, pulse, now) };
  return isQueued(estimate, rtt) ? { ...heard, ...queueSpan(before, pulse.sentAt) } : heard;
}

function windowAfter(window: QualityWindow, { lostAt, isPlanned }: AnsweredPulse, now: Millis): QualityWindow {
  if (!isPlanned) return window;
  return lostAt === undefined ? counted(window, now, "answered") : foundAgain(window, lostAt);
}

/** Pulses through a queue that are further apart than this belong to two. */
const queueGap = 3_000;

function queueSpan({ queuedFrom, queuedUntil }: TargetHealth, sentAt: Millis) {
  const continues = queuedFrom !== undefined && queuedUntil !== undefined && sentAt - queuedUntil < queueGap;
  return { queuedFrom: continues ? queuedFrom : sentAt, queuedUntil: sentAt };
}

/** A pulse that was lost among others that came back through a full queue was dropped by it, and says nothing of the line. */
export function missed(
  before: TargetHealth,
  pulse: Pick<AnsweredPulse, "sentAt" | "isPlanned">,
  now: Millis,
): TargetHealth {
  const misses = before.misses + 1;
  return !pulse.isPlanned || wasQueued(before, pulse.sentAt)
    ? { ...before, misses }
    : { ...before, misses, window: counted(before.window, now, "lost") };
}

function wasQueued({ queuedFrom, queuedUntil }: TargetHealth, sentAt: Millis): boolean {
  if (queuedFrom === undefined || queuedUntil === undefined) return false;
  return sentAt >= queuedFrom - queueGap && sentAt <= queuedUntil + queueGap;
}

/**
 * The loss of the path: that of its best target, together with every target that does not clearly differ from it. A gateway that
 * limits its ICMP, or a server that is gone, so differs and is left out.
 */
export function pathLoss(targets: readonly TargetHealth[], now: Millis): LossEstimate | undefined {
  const judged = targets.flatMap(({ window }) => {
    const loss = wholeLossOf([window], now);
    return loss === undefined ? [] : [{ window, loss }];
  });
  const [best, ...others] = judged.toSorted((a, b) => a.loss.loss - b.loss.loss);
  if (best === undefined) return undefined;
  const agreeing = others.filter(({ loss }) => loss.low <= best.loss.high).map(({ window }) => window);
  return lossOf([best.window, ...agreeing], now);
}

/** The estimate to judge the path by: of the targets that answer, the nearest. */
export function pathRtt(targets: readonly TargetHealth[]): RttEstimate | undefined {
  let nearest: RttEstimate | undefined;
  for (const health of targets) {
    const { rtt } = health;
    if (rtt === undefined || isHopeless(health)) continue;
    if (nearest === undefined || rtt.base < nearest.base) nearest = rtt;
  }
  return nearest ?? targets.find(({ rtt }) => rtt !== undefined)?.rtt;
}

/** The longest that any target which answers needs beyond its base: what the silence detector adds. */
export function patience(targets: readonly TargetHealth[]): Millis {
  let most = 0;
  for (const health of targets) {
    const { rtt } = health;
    if (rtt === undefined || isHopeless(health)) continue;
    most = Math.max(most, rtt.smoothed - Math.min(rtt.base, rtt.smoothed) + 4 * rtt.variation);
  }
  return millis(most);
}

/** When the k-th of the targets was last heard, counted from the latest; undefined when fewer ever were. */
export function kthHeard(targets: readonly TargetHealth[], k: number): Millis | undefined {
  const times = targets.flatMap(({ heardAt }) => (heardAt === undefined ? [] : [heardAt]));
  return times.toSorted((a, b) => b - a)[k - 1];
}
