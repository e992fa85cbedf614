/** `ropewalk tunnel status`: one end of the tunnel as it is, once or each second for as long as the reader looks. */
import { sleep } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";
import { stopSignal } from "../local-api/follow.ts";
import { createLiveRegion } from "../render/live-region.ts";
import { createPaint } from "../render/paint.ts";
import { tunnelStatusLines } from "../render/tunnel-status-view.ts";

const lookEvery = seconds(1);

export const run: RunCommand = async (given, context) => {
  const { output } = context;
  const region = createLiveRegion(output);
  const isWatching = given.flags.has("watch");
  if (!isWatching || given.flags.has("json") || !output.isTerminal) {
    return await eachSecond(context, isWatching, async () => output.write(await text(given, context, isWatching)));
  }
  return await eachSecond(context, true, async () => {
    const lines = (await text(given, context, true)).trimEnd().split("\n");
    region.draw([...lines, "", createPaint(output.hasColour).dim("Ctrl-C ends this.")]);
  });
};

async function eachSecond(context: CommandContext, isWatching: boolean, show: () => Promise<void>) {
  await show();
  if (!isWatching) return exitCodes.ok;
  const stop = stopSignal(context);
  let isAway = false;
  while (!stop.aborted) {
    await sleep(context.clock, "tunnel status", lookEvery, stop).catch(() => {});
    if (stop.aborted) break;
    const wasAway = isAway;
    isAway = await show().then(
      () => false,
      (error: unknown) => isGone(error),
    );
    if (isAway && !wasAway) context.errors.write("ropewalk: the tunnel went away; waiting for it.\n");
  }
  return exitCodes.ok;
}

/** A restart is part of its life; any other failure ends the watch. */
function isGone(error: unknown): true {
  const gone = ["APP_NOT_RUNNING", "APP_CUT_SHORT", "APP_TIMEOUT"];
  if (error instanceof AppError && gone.includes(error.code)) return true;
  throw error;
}

async function text(given: GivenArguments, context: CommandContext, isOneLine: boolean): Promise<string> {
  const { answer } = await askTunnel(given, context, (client, signal) => client.status(signal));
  if (given.flags.has("json")) return `${JSON.stringify(answer, undefined, isOneLine ? undefined : 2)}\n`;
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  return `${tunnelStatusLines(answer, view).join("\n")}\n`;
}
