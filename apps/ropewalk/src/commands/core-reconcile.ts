/** `ropewalk core reconcile`: the device is compared now, and what differs is written. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askCore } from "../local-api/ask-core.ts";
import { reconcileText } from "../render/core-status-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askCore(context, (client, signal) => client.reconcile(signal));
  context.output.write(`${flags.has("json") ? JSON.stringify(answer, undefined, 2) : reconcileText(answer)}\n`);
  return exitCodes.ok;
};
