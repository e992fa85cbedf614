/** What users write as values of options, as what it means. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { parseDuration } from "@ropewalk/ops/pure/duration";
import { AppError } from "../errors.ts";

/** Undefined where none is given. Throws APP_USAGE. */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new AppError("APP_USAGE", `--port takes a number from 0 to 65535, and "${text}" is none.`);
}

/** Undefined where none is given. Throws APP_USAGE. */
export function durationGiven(option: string, text: string | undefined): Millis | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return millis(duration);
  throw new AppError("APP_USAGE", `${option} takes a duration such as "30s" or "24h", and "${text}" is none.`);
}
