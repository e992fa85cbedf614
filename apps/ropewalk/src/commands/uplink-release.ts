/** `ropewalk uplink release`: as if nothing had been ordered. */
import type { RunCommand } from "../command-line/command.ts";
import { orderCommand } from "../local-api/give-order.ts";

export const run: RunCommand = orderCommand("release");
