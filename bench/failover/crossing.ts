/**
 * One stream of datagrams from edge that is bound to no uplink, while its uplink is taken away: what arrived, and how long
 * nothing did.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Family } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import { type Gap, handover, type Packet, sentLate, summarize } from "@ropewalk/lab/packet-record";
import { receiveStream, sendStream } from "@ropewalk/lab/traffic";
import { sourceOf, targetOf } from "./ways.ts";

export interface CrossingPlan {
  /** The uplink in use. */
  readonly victim: string;
  /** CLOCK_MONOTONIC in nanoseconds when the fault was in force. */
  readonly fault: () => Promise<bigint>;
  /** `one way`: what arrives at the target; `there and back`: what comes back to edge. */
  readonly counted: "one way" | "there and back";
  readonly limitMs: number;
  /** Default IPv4. */
  readonly family?: Family;
  readonly roundTripMs: number;
}

export interface Crossing {
  /** From the last packet by the old uplink to the first by another; Infinity when none came. */
  readonly gapMs: number;
  /** Of the gap, how much later than the packet before it the sender sent the one that ended it, beyond their places in the stream. */
  readonly senderLateMs: number;
  /** From the fault to the first packet by the new one. */
  readonly fromFaultMs: number;
  /** Of those before the last that came; Infinity when none came by the new one. */
  readonly lost: number;
  /** When the first packet that came by the new uplink was sent; undefined when none came. */
  readonly movedAt: bigint | undefined;
}

const port = 7_100;
const perSecond = 1_000;
const shortestRunMs = 150;
/** A fault meets every phase of every timer. */
const phaseMs = 200;
const patienceMs = 5_000;
const never = Number.POSITIVE_INFINITY;

/** Streams at 1,000 datagrams a second. `aftermath` is waited for once the stream runs by the new uplink. */
export async function cross(lab: Lab, plan: CrossingPlan, aftermath = async () => {}): Promise<Crossing> {
  const { family = "ipv4" } = plan;
  const [old, target] = [sourceOf(lab, plan.victim, family), targetOf(family)];
  const isReplies = plan.counted === "there and back";
  await using receiver = await receiveStream(lab.host(target.host), { port, isEcho: isReplies });
  const stream = { to: target.address, port, rate: perSecond, wantsReplies: isReplies };
  await using sender = await sendStream(lab.host("edge"), stream);
  const counter = isReplies ? sender : receiver;
  if ((await counter.comesFrom(old, millis(patienceMs))) === undefined)
    throw new Error(`the stream does not go by ${plan.victim}`);
  await delay(shortestRunMs + Math.random() * phaseMs);
  const faultAt = await plan.fault();
  if ((await counter.comesFromAnother(old, millis(plan.limitMs))) !== undefined) await aftermath();
  await delay(shortestRunMs + plan.roundTripMs);
  const sent = await sender.stop();
  const received = await receiver.stop();
  if (received.overflowed > 0) throw new Error(`the receiver's own queue lost ${received.overflowed} datagrams`);
  const packets = isReplies ? sent.replies : received.packets;
  const found = handover(packets, old, faultAt);
  return {
    gapMs: found === undefined ? never : Number(found.nanos) / 1e6,
    senderLateMs: found === undefined ? 0 : lateIn(found, packets),
    fromFaultMs: found === undefined ? never : Number(found.after.arrivedAt - faultAt) / 1e6,
    // Up to the last that came: what was sent in the moment of the end is nobody's loss.
    lost: found === undefined ? never : summarize(packets, 0).lost,
    movedAt: found?.after.sentAt,
  };
}

function lateIn({ before, after }: Gap, packets: readonly Packet[]): number {
  return Math.max(0, sentLate(packets, after, perSecond) - sentLate(packets, before, perSecond)) / 1e6;
}
