/** The keys of `[tunnel]` that both ends of a session have: how long it lasts, how much it may hold, when its keys change. */
import type { Millis } from "@ropewalk/kernel/units";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import { z } from "zod";

export interface SessionConfig {
  /** How long a session waits for a peer that is away, its streams standing still. */
  readonly sessionHold: Millis;
  /** From one lane to the next, with a whole new handshake; 0: only when the old one ends. */
  readonly refresh: Millis;
  /** What one session may hold of octets that nobody has taken yet. */
  readonly sessionCreditBytes: number;
  /** Of one session, whichever end opens them. */
  readonly maxStreams: number;
  readonly rekey: RekeyConfig;
  readonly heartbeat: HeartbeatConfig;
}

/** What one key of a lane may seal. */
export interface RekeyConfig {
  readonly bytes: number;
  readonly after: Millis;
}

export interface HeartbeatConfig {
  /** Of silence, before the peer is asked. */
  readonly interval: Millis;
  /** For each answer. */
  readonly timeout: Millis;
  /** So many questions without an answer, and the lane is given up. */
  readonly missed: number;
}

const kib = 1024;
const mib = 1024 * kib;
const gib = 1024 * mib;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What a stream may send before it is told more; all of them may do so at once. */
export const streamFloorBytes: number = 16 * kib;

/** `words` says both bounds. */
export function durationWithin(least: number, most: number, words: string): typeof durationSchema {
  return durationSchema.refine((value) => value >= least && value <= most, { error: `expected ${words}` });
}

const refresh = durationSchema.refine((value) => value === 0 || (value >= 100 && value <= 7 * day), {
  error: 'expected 100 ms to 7 days, or "0s" for never',
});

const heartbeat = table({
  interval: durationWithin(100, hour, "100 ms to 1 hour").prefault("15s"),
  timeout: durationWithin(50, hour, "50 ms to 1 hour").prefault("5s"),
  missed: z.int().min(1).max(100).default(3),
});

const rekey = table({
  bytes: z
    .int()
    .min(64 * kib)
    .max(64 * gib)
    .default(16 * gib),
  after: durationWithin(1_000, day, "1 second to 1 day").prefault("1h"),
});

export const sessionShape: {
  readonly session_hold: z.ZodType<Millis>;
  readonly refresh: z.ZodType<Millis>;
  readonly session_credit_bytes: z.ZodType<number>;
  readonly max_streams: z.ZodType<number>;
  readonly rekey: z.ZodType<RekeyConfig>;
  readonly heartbeat: z.ZodType<HeartbeatConfig>;
} = {
  session_hold: durationWithin(1_000, 7 * day, "1 second to 7 days").prefault("10m"),
  refresh: refresh.prefault("1h"),
  session_credit_bytes: z
    .int()
    .min(mib)
    .max(64 * gib)
    .default(64 * mib),
  max_streams: z.int().min(1).max(65_536).default(2048),
  rekey,
  heartbeat,
};

export interface SessionFault {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

/** What is wrong between keys of which each is right. */
export function sessionFaults({ heartbeat, maxStreams, sessionCreditBytes }: SessionConfig): readonly SessionFault[] {
  const faults: SessionFault[] = [];
  if (heartbeat.timeout > heartbeat.interval) {
    const reason = "must not be longer than heartbeat.interval: one question is answered before the next";
    faults.push({ path: ["heartbeat", "timeout"], reason });
  }
  if (maxStreams * streamFloorBytes * 2 > sessionCreditBytes) {
    const most = Math.floor(sessionCreditBytes / streamFloorBytes / 2);
    const needed = maxStreams * streamFloorBytes * 2;
    const reason = `each stream takes 16 KiB of session_credit_bytes, and all together at most half of it: at most ${most}, or session_credit_bytes = ${needed}`;
    faults.push({ path: ["max_streams"], reason });
  }
  return faults;
}
