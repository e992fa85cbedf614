/** `ropewalk uplink pin`: for as long as it can be used at all. */
import type { RunCommand } from "../command-line/command.ts";
import { orderCommand } from "../local-api/give-order.ts";

export const run: RunCommand = orderCommand("pin");
