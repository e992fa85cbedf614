/** `ropewalk node` with hands that may kill it: all the rest is the real program. The first argument is the folder of its fate. */
import { homedir, tmpdir } from "node:os";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { CommandContext, TextOutput } from "../../src/command-context.ts";
import { commands } from "../../src/command-line/command-table.ts";
import { createStderrDestination } from "../../src/compose/log-destination.ts";
import { startNode } from "../../src/compose/node.ts";
import { untilStopped } from "../../src/compose/until-stopped.ts";
import { openFatedHands } from "./fated-hands.ts";

const [, , folder = ""] = process.argv;
const silent: TextOutput = {
  write: () => {},
  isTerminal: false,
  hasColour: false,
  size: undefined,
  onResize: () => ({ [Symbol.dispose]: () => {} }),
};
const context: CommandContext = {
  environment: process.env,
  user: { uid: process.getuid?.() ?? -1, home: homedir(), temporaryDirectory: tmpdir() },
  output: silent,
  errors: silent,
  input: process.stdin,
  person: { isThere: false, ask: async () => undefined, onKey: () => ({ [Symbol.dispose]: () => {} }) },
  clock: createSystemClock(),
  version: "0.0.0",
  commands,
  program: "ropewalk",
  signals: process,
  exit: (code) => process.exit(code),
};
process.exitCode = await untilStopped(context, "reload", () =>
  startNode(context, {
    configFile: undefined,
    log: { destination: createStderrDestination(), format: () => "text", level: (configured) => configured },
    openHands: (deps) => openFatedHands(deps, folder),
  }),
);
