/** `ropewalk uplink drain`: no more, while another uplink carries traffic. */
import type { RunCommand } from "../command-line/command.ts";
import { orderCommand } from "../local-api/give-order.ts";

export const run: RunCommand = orderCommand("drain");
