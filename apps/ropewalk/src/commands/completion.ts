/** `ropewalk completion SHELL`. */
import type { RunCommand } from "../command-line/command.ts";
import { completionScript, shells } from "../command-line/completion-script.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async ({ operands }, { commands, output }) => {
  // The parser let only a known shell pass.
  const shell = shells.find((each) => each === operands[0]) ?? "bash";
  output.write(completionScript(shell, commands));
  return exitCodes.ok;
};
