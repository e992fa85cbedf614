/** `ropewalk uplink confirm`: this machine can still be reached, and Ropewalk keeps the wheel. */
import type { RunCommand } from "../command-line/command.ts";
import { steer } from "../local-api/steer.ts";

export const run: RunCommand = ({ flags }, context) => steer("confirm", { isJson: flags.has("json") }, context);
