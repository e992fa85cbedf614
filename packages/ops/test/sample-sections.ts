/** Two sections with a key of every kind, for tests of the loader. */
import type { Millis } from "@ropewalk/kernel/units";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { type LogConfig, logSection } from "@ropewalk/ops/log-section";
import { type Secret, secretSchema } from "@ropewalk/ops/secret";
import { z } from "zod";

export interface SampleConfig {
  readonly monitorOnly: boolean;
  readonly mode: "calm" | "eager";
  readonly port: number;
  readonly names: readonly string[];
  readonly password?: Secret | undefined;
  readonly metered: boolean | "auto";
  readonly tags: Readonly<Record<string, string>>;
  readonly probe: { readonly enabled: boolean; readonly interval: Millis };
  readonly uplink: readonly { readonly name: string; readonly metered?: boolean | undefined }[];
}

export const sampleSection: ConfigSection<SampleConfig> = {
  name: "backhaul",
  schema: table({
    monitor_only: z.literal(true, { error: "cannot be false before this can move traffic" }).default(true),
    mode: z.enum(["calm", "eager"]).default("calm"),
    port: z.int().min(1).max(65_535).default(7410),
    names: z.array(z.string()).max(4).default([]),
    password: secretSchema.optional(),
    metered: z.union([z.boolean(), z.literal("auto")]).default("auto"),
    tags: z.record(z.string(), z.string()).default({}),
    probe: table({ enabled: z.boolean().default(false), interval: durationSchema.prefault("15s") }),
    uplink: z.array(table({ name: z.string(), metered: z.boolean().optional() })).default([]),
  }),
  refused: {
    "monitor.only": "is now backhaul.monitor_only",
    "uplink.weight": "is not configured: uplinks are measured",
  },
  formerTables: { "network.monitor": "is now backhaul.monitor_only", network: "is now [backhaul]" },
  secondsAliases: { "probe.interval_secs": "probe.interval" },
  formerVariables: { OTHER_PORT: "port", OTHER_PASSWORD: "password" },
  refusedVariables: { OTHER_NOOP: "there is nothing to set: it always works" },
};

export const sections: {
  readonly backhaul: ConfigSection<SampleConfig>;
  readonly log: ConfigSection<LogConfig>;
} = { backhaul: sampleSection, log: logSection };
