/** What a domain says of its own part of the configuration file. The loader in `config.ts` does the rest. */
import type { z } from "zod";

export interface ConfigSection<Config> {
  /** The table's name in TOML, snake_case: "backhaul". */
  readonly name: string;
  /**
   * Parses the table, with a default for every key; strict, so that an unknown key is a fault. Made by `table`; or by `optionalTable`,
   * where it means something that the table is there: the environment puts it there as the file does, unless it only says `false`.
   */
  readonly schema: z.ZodType<Config>;
  /** Keys that other programs or older versions used, refused with this advice: { "monitor.only": "is now …" }. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Places from the top of the file that another program used, each with where it is now: { "metrics.port": "is now …" }. The narrower first. */
  readonly formerTables?: Readonly<Record<string, string>>;
  /** Other names of durations, which take a number of seconds: { "probe.interval_secs": "probe.interval" }. */
  readonly secondsAliases?: Readonly<Record<string, string>>;
  /**
   * Whole names of variables that another program had, each with the key that it sets: { WG_INTERFACE: "interface" }, or one of
   * `secondsAliases`; with `_FILE` behind it, as any. A name may be of several sections.
   */
  readonly formerVariables?: Readonly<Record<string, string>>;
  /** Whole names of variables that another program had, refused with this advice. */
  readonly refusedVariables?: Readonly<Record<string, string>>;
}
