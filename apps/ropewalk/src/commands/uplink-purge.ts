/** `ropewalk uplink purge`: takes the wheel back, and everything of Ropewalk's out of the kernel. */
import type { RunCommand } from "../command-line/command.ts";
import { steer } from "../local-api/steer.ts";

export const run: RunCommand = ({ flags }, context) => steer("purge", { isJson: flags.has("json") }, context);
