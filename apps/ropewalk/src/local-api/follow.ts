/** Following a daemon until the user stops it. One that goes away is waited for, since restarts are part of its life. */
import type { Received } from "@ropewalk/api/asking";
import { sleep } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { CommandContext } from "../command-context.ts";

const retryAfter = seconds(1);

export interface Display<Event> {
  show(event: Event): void;
  /** Something else is about to be written to the terminal. */
  interrupt(): void;
}

interface Followed<Event> {
  events(signal: AbortSignal, after?: string): AsyncIterable<Received<Event>>;
}

/** Resolves when the user stopped it; throws as `find` when there was nobody to begin with. `who`: "the node". */
export async function follow<Event>(
  context: CommandContext,
  who: string,
  find: () => Promise<Followed<Event>>,
  display: Display<Event>,
): Promise<void> {
  const stop = stopSignal(context);
  let client: Followed<Event> | undefined = await find();
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
      context.errors.write(`${new Date(context.clock.wall()).toISOString()} ${who} went away; waiting for it.\n`);
    }
    client = await next(context, find, stop);
  }
}

/** Who answers next, however long that takes; undefined once the user has stopped waiting. */
async function next<Client>(
  context: CommandContext,
  find: () => Promise<Client>,
  stop: AbortSignal,
): Promise<Client | undefined> {
  while (!stop.aborted) {
    await sleep(context.clock, "reconnect", retryAfter, stop).catch(() => {});
    const found = stop.aborted ? undefined : await find().catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Aborts on the first SIGINT or SIGTERM from now on. */
export function stopSignal({ signals }: CommandContext): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) signals.on(name, () => controller.abort(name));
  return controller.signal;
}

/** A connection that ended is not a refusal: the system's errors have codes without our prefix. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]/.test(error.code);
}
