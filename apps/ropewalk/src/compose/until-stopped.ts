/** Keeps a node running until a signal stops it. */
import { describeError } from "@ropewalk/kernel/errors";
import { installSignals, type StopSignal } from "@ropewalk/ops/signals";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { RunningNode } from "./node.ts";

/** A terminal gives Ctrl-C to the launcher and to us, and the launcher passes it on: that is one wish, not two. */
const sameWishMs = 500;

/** `ok` when it stopped cleanly, `failed` when a part had to be abandoned. A second signal ends the process at once. */
export async function untilStopped(node: RunningNode, context: CommandContext): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let stoppedAt = 0;
  using _signals = installSignals(context.signals, {
    stop: (signal) => {
      stoppedAt = context.clock.now();
      resolve(signal);
    },
    reload: () => void node.reload(),
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
