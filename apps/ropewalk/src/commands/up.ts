/**
 * `ropewalk up`: the node, with a board for the person who started it. On a terminal the board stays current in place;
 * elsewhere it is printed once and each change is a line. Logs show warnings and errors only.
 */
import type { LogDestination } from "@ropewalk/ops/log";
import type { CommandContext } from "../command-context.ts";
import type { RunCommand } from "../command-line/command.ts";
import { createStderrDestination } from "../compose/log-destination.ts";
import { type RunningNode, startNode } from "../compose/node.ts";
import { untilStopped } from "../compose/until-stopped.ts";
import { boardBody, boardHead } from "../render/board.ts";
import { createEventLines } from "../render/event-line.ts";
import { createLiveRegion, type LiveRegion } from "../render/live-region.ts";
import { createPaint } from "../render/paint.ts";
import { createRedraw } from "../render/redraw.ts";

export const run: RunCommand = async ({ values }, context) => {
  const { output } = context;
  const region = createLiveRegion(output);
  using shown = new DisposableStack();
  return await untilStopped(context, output.isTerminal ? "stop" : "reload", async () => {
    const node = await startNode(context, {
      configFile: values.get("config"),
      log: {
        destination: besides(region, context),
        format: () => "text",
        level: (configured) => (configured === "error" ? "error" : "warn"),
      },
    });
    const { program, version } = context;
    output.write(`${boardHead({ program, version, ...node.places }).join("\n")}\n`);
    shown.use(output.isTerminal ? showInPlace(node, region, context) : showLines(node, context));
    return node;
  });
};

/** A log line goes below what is drawn; the board is drawn below the line at the next change. */
function besides(region: LiveRegion, { errors }: CommandContext): LogDestination {
  const destination = createStderrDestination();
  return {
    write(line) {
      if (errors.isTerminal) region.release();
      destination.write(line);
    },
  };
}

function showInPlace(node: RunningNode, region: LiveRegion, { output, clock }: CommandContext): Disposable {
  const paint = createPaint(output.hasColour);
  const draw = () => region.draw(boardBody(node.status(), { paint, columns: output.size?.columns }));
  const shown = new DisposableStack();
  const redraw = shown.use(createRedraw(clock, draw));
  shown.use(node.events.listen(redraw.ask));
  shown.use(
    output.onResize(() => {
      // The terminal has wrapped the old lines anew: what is above cannot be found again.
      region.release();
      redraw.ask();
    }),
  );
  draw();
  return shown;
}

function showLines(node: RunningNode, { output }: CommandContext): Disposable {
  const view = { paint: createPaint(false), columns: undefined };
  output.write(`${boardBody(node.status(), view).join("\n")}\n`);
  const lineOf = createEventLines();
  return node.events.listen(({ event }) => {
    const line = lineOf(event);
    if (line !== undefined) output.write(`${line}\n`);
  });
}
