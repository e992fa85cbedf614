/**
 * `ropewalk status --watch`: follows the node's events until the user stops it. On a terminal the picture is drawn in place;
 * elsewhere each change is a line. A node that goes away is waited for, since restarts are part of its life.
 */
import { applyEvent } from "@ropewalk/api/apply-event";
import type { NodeClient } from "@ropewalk/api/client";
import type { NodeEvent } from "@ropewalk/api/events";
import type { NodeStatus } from "@ropewalk/api/http";
import { sleep } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { createEventLines } from "../render/event-line.ts";
import { createLiveRegion } from "../render/live-region.ts";
import { createPaint } from "../render/paint.ts";
import { createRedraw } from "../render/redraw.ts";
import { statusLines } from "../render/status-view.ts";

const retryAfter = seconds(1);

/** Exit code ok when the user stopped it; throws as `askDaemon` when there was no node to begin with. */
export async function watchStatus(context: CommandContext, isJson: boolean): Promise<ExitCode> {
  const stop = stopSignal(context);
  const display = isJson ? showJson(context) : context.output.isTerminal ? showPicture(context) : showLines(context);
  let client: NodeClient | undefined = await findNode(context);
  let last: string | undefined;
  while (client !== undefined) {
    try {
      for await (const { id, event } of client.events(stop, last)) {
        last = id;
        display.show(event);
      }
    } catch (error) {
      if (!stop.aborted && !isBroken(error)) throw error;
    }
    if (!stop.aborted) {
      display.interrupt();
      context.errors.write(`${new Date(context.clock.wall()).toISOString()} the node went away; waiting for it.\n`);
    }
    client = await nextNode(context, stop);
  }
  return exitCodes.ok;
}

async function findNode(context: CommandContext): Promise<NodeClient> {
  return (await askDaemon(context, (client, signal) => client.status(signal))).client;
}

/** The node that answers next, however long that takes; undefined once the user has stopped waiting. */
async function nextNode(context: CommandContext, stop: AbortSignal): Promise<NodeClient | undefined> {
  while (!stop.aborted) {
    await sleep(context.clock, "reconnect", retryAfter, stop).catch(() => {});
    const found = stop.aborted ? undefined : await findNode(context).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Aborts on the first SIGINT or SIGTERM from now on. */
function stopSignal({ signals }: CommandContext): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) signals.on(name, () => controller.abort(name));
  return controller.signal;
}

/** A connection that ended is not a refusal: the system's errors have codes without our prefix. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]/.test(error.code);
}

interface Display {
  show(event: NodeEvent): void;
  /** Something else is about to be written to the terminal. */
  interrupt(): void;
}

function showJson({ output }: CommandContext): Display {
  return { show: (event) => output.write(`${JSON.stringify(event)}\n`), interrupt: () => {} };
}

function showLines({ output }: CommandContext): Display {
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

function showPicture({ output, clock }: CommandContext): Display {
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
