/** Keeps a node running until a signal stops it. */
import { describeError } from "@ropewalk/kernel/errors";
import { installSignals } from "@ropewalk/ops/signals";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { RunningNode } from "./node.ts";

/** Under npm a Ctrl-C comes twice, from the terminal and passed on by npm: that is one wish, not two. */
const sameWishMs = 500;

/**
 * `ok` when it stopped cleanly, `failed` when a part had to be abandoned. A second signal ends the process at once.
 * SIGHUP reloads the configuration; for a node whose terminal it announces the end of, it stops the node.
 */
export async function untilStopped(
  node: RunningNode,
  context: CommandContext,
  onHangup: "reload" | "stop",
): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let stoppedAt = 0;
  using _signals = installSignals(context.signals, {
    stop: (signal) => {
      stoppedAt = context.clock.now();
      resolve(signal);
    },
    reload: () => {
      if (onHangup === "stop") resolve("the terminal was closed");
      else void node.reload();
    },
    exit: (code) => {
      if (context.clock.now() - stoppedAt >= sameWishMs) context.exit(code);
    },
  });
  const { failures } = await node.stop(await promise);
  for (const { phase, task, error } of failures) {
    node.log.error({ phase, task, reason: describeError(error) }, "a part did not stop cleanly");
  }
  return failures.length === 0 ? exitCodes.ok : exitCodes.failed;
}
