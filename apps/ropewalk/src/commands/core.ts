/** `ropewalk core`. */
import type { RunCommand } from "../command-line/command.ts";
import { runCore } from "../compose/core/run-core.ts";

export const run: RunCommand = runCore;
