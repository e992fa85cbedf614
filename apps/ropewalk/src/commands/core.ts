/** `ropewalk core`: an exit of the VPN under a service manager. */
import type { RunCommand } from "../command-line/command.ts";
import { startCore } from "../compose/core/core-service.ts";
import { runService } from "../compose/run-service.ts";

export const run: RunCommand = runService(startCore);
