/** The [log] table: how much is logged, and in which form. */
import { z } from "zod";
import { table } from "./config-schema.ts";
import type { ConfigSection } from "./config-section.ts";
import type { LogLevel } from "./log.ts";

export interface LogConfig {
  readonly level: LogLevel;
  /** "auto" is text on a terminal and JSON elsewhere. */
  readonly format: "auto" | "json" | "text";
}

export const logSection: ConfigSection<LogConfig> = {
  name: "log",
  schema: table({
    level: z.enum(["debug", "info", "warn", "error"]).default("info"),
    format: z.enum(["auto", "json", "text"]).default("auto"),
  }),
};

/** The format that `configured` means for a destination that is a terminal, or is not. */
export function logFormat(configured: LogConfig["format"], isTerminal: boolean): "json" | "text" {
  if (configured !== "auto") return configured;
  return isTerminal ? "text" : "json";
}
