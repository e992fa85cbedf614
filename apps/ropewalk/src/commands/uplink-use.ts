/** `ropewalk uplink use`: from now on, until it fails. */
import type { RunCommand } from "../command-line/command.ts";
import { orderCommand } from "../local-api/give-order.ts";

export const run: RunCommand = orderCommand("use");
