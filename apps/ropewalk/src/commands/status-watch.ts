/**
 * `ropewalk status --watch`: follows the node's events until the user stops it. On a terminal the picture is drawn in place;
 * elsewhere each change is a line. A node that goes away is waited for, since restarts are part of its life.
 */
import { applyEvent } from "@ropewalk/api/apply-event";
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { type Display, follow } from "../local-api/follow.ts";
import { createEventLines } from "../render/event-line.ts";
import { createLiveRegion } from "../render/live-region.ts";
import { createPaint } from "../render/paint.ts";
import { createRedraw } from "../render/redraw.ts";
import { statusLines } from "../render/status-view.ts";

/** Exit code ok when the user stopped it; throws as `askDaemon` when there was no node to begin with. */
export async function watchStatus(context: CommandContext, isJson: boolean): Promise<ExitCode> {
  const display = isJson ? showJson(context) : context.output.isTerminal ? showPicture(context) : showLines(context);
  const find = async () => (await askDaemon(context, (client, signal) => client.status(signal))).client;
  await follow(context, "the node", find, display);
  return exitCodes.ok;
}

function showJson({ output }: CommandContext): Display<NodeEvent> {
  return { show: (event) => output.write(`${JSON.stringify(event)}\n`), interrupt: () => {} };
}

function showLines({ output }: CommandContext): Display<NodeEvent> {
  const view = { paint: createPaint(false), columns: undefined };
  const lineOf = createEventLines();
  return {
    show(event) {
      const text = event.kind === "snapshot" ? statusLines(event.status, view).join("\n") : lineOf(event);
      if (text !== undefined) output.write(`${text}\n`);
    },
    interrupt: () => {},
  };
}

function showPicture({ output, clock }: CommandContext): Display<NodeEvent> {
  const region = createLiveRegion(output);
  const paint = createPaint(output.hasColour);
  let status: NodeStatus | undefined;
  const redraw = createRedraw(clock, () => {
    if (status === undefined) return;
    region.draw([...statusLines(status, { paint, columns: output.size?.columns }), "", paint.dim("Ctrl-C ends this.")]);
  });
  return {
    show(event) {
      if (event.kind === "snapshot") status = event.status;
      else if (status !== undefined) status = applyEvent(status, event);
      redraw.ask();
    },
    interrupt: () => region.release(),
  };
}
