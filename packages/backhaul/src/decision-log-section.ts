/** Schema and defaults of `[backhaul.decision_log]`: whether what the backhaul decides is recorded, and how much of it is kept. */
import { table } from "@ropewalk/ops/config-schema";
import { z } from "zod";

export interface DecisionLogConfig {
  readonly enabled: boolean;
  /** Past it a new segment begins; a header that is large by itself may double it. */
  readonly segmentBytes: number;
  /** That are kept, the one being written included. */
  readonly segments: number;
}

/** Of two uplinks with one family each, the defaults hold 13 hours of `normal` and 70 minutes of `fast` (docs/operating/decisions.md). */
export const decisionLogTable: z.ZodType<DecisionLogConfig> = table({
  enabled: z.boolean().default(true),
  segment_bytes: z
    .int()
    .min(64 * 1024)
    .max(256 * 1024 * 1024)
    .default(4 * 1024 * 1024),
  segments: z.int().min(2).max(1_000).default(8),
});
