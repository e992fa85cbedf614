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

/** Four mebibytes hold about 16 hours of two uplinks in `normal`, and seven minutes of two uplinks in `fast`. */
export const decisionLogTable: z.ZodType<DecisionLogConfig> = table({
  enabled: z.boolean().default(true),
  segment_bytes: z
    .int()
    .min(64 * 1024)
    .max(256 * 1024 * 1024)
    .default(4 * 1024 * 1024),
  segments: z.int().min(2).max(1_000).default(8),
});
