/** `ropewalk node`: the node under a service manager. */
import type { RunCommand } from "../command-line/command.ts";
import { startNode } from "../compose/node.ts";
import { runService } from "../compose/run-service.ts";

export const run: RunCommand = runService(startNode);
