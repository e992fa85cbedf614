/** Where a node's log goes: standard error. */
import { writeSync } from "node:fs";
import type { LogDestination } from "@ropewalk/ops/log";
import { createDescriptorDestination } from "@ropewalk/ops/log-descriptor";

const standardError = 2;

export function createStderrDestination(): LogDestination {
  try {
    return createDescriptorDestination(standardError);
  } catch {
    // A pipe that another user made cannot be opened again, only written to; a reader that stalls then stalls the log.
    return { write: (line) => void writeSync(standardError, line) };
  }
}
