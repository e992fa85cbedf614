/**
 * Structured logs. One record is one line, written before the call returns; a destination that fails costs lines,
 * which are counted, and never the daemon.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { type Logger, pino } from "pino";
import { formatLogLine, recordKeys } from "./pure/log-line.ts";
import { loggable } from "./pure/loggable.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** What domains write to. Fields first, so that the message is a constant that can be searched for. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log whose every record has these fields too. */
  child(fields: LogFields): Log;
}

/** Where lines go. `write` may throw: the line is then lost and counted. */
export interface LogDestination {
  write(line: string): void;
}

/** The log that a program makes once; children share its level and its count. */
export interface RootLog extends Log {
  setLevel(level: LogLevel): void;
  /** Lines that the destination did not take. */
  readonly lostLines: number;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "json" | "text";
  readonly destination: LogDestination;
  readonly clock: Pick<Clock, "wall">;
}

export function createLog(options: LogOptions): RootLog {
  const destination = new CountingDestination(options.destination, options.format);
  const state: LogState = { level: options.level };
  const logger = pino(
    {
      // Levels are compared here, since pino's children keep the level they were made with.
      level: "trace",
      base: null,
      messageKey: recordKeys.message,
      timestamp: () => `,"${recordKeys.time}":"${new Date(options.clock.wall()).toISOString()}"`,
      formatters: { level: (label) => ({ [recordKeys.level]: label }) },
    },
    destination,
  );
  return {
    ...createLogOver(logger, state, {}),
    setLevel: (level) => {
      state.level = level;
    },
    get lostLines() {
      return destination.lostLines;
    },
  };
}

interface LogState {
  level: LogLevel;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

function createLogOver(logger: Logger, state: LogState, own: LogFields): Log {
  const write = (level: LogLevel, fields: LogFields, message: string) => {
    if (severity[level] < severity[state.level]) return;
    logger[level](plainFields({ ...own, ...fields }, state.level === "debug"), "%s", message);
  };
  return {
    debug: (fields, message) => write("debug", fields, message),
    info: (fields, message) => write("info", fields, message),
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    child: (fields) => createLogOver(logger, state, { ...own, ...fields }),
  };
}

/** A field that has the name of a part of the record gets an underscore, so that a record has no key twice. */
function plainFields(fields: LogFields, withStacks: boolean): object {
  const plain = Object.entries(fields).map(([key, value]) => {
    return [Object.hasOwn(recordKeys, key) ? `${key}_` : key, loggable(value, { withStacks })] as const;
  });
  return Object.fromEntries(plain);
}

class CountingDestination {
  readonly #destination: LogDestination;
  readonly #format: "json" | "text";
  #lostLines = 0;

  constructor(destination: LogDestination, format: "json" | "text") {
    this.#destination = destination;
    this.#format = format;
  }

  get lostLines(): number {
    return this.#lostLines;
  }

  write(line: string): void {
    try {
      this.#destination.write(this.#format === "text" ? formatLogLine(line) : line);
    } catch {
      this.#lostLines += 1;
    }
  }
}
