/** Keeps a daemon running until a signal stops it, or it has come to its own end. */
import { describeError } from "@ropewalk/kernel/errors";
import type { Log } from "@ropewalk/ops/log";
import type { ShutdownReport } from "@ropewalk/ops/shutdown";
import { installSignals } from "@ropewalk/ops/signals";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";

/** The part of a running daemon that this needs. */
export interface Stoppable {
  readonly log: Log;
  /** Never rejects. */
  reload(): Promise<unknown>;
  /** Never rejects. */
  stop(reason: string): Promise<ShutdownReport>;
  /** Resolves when it wants to end by itself; absent where it never does. */
  readonly ending?: Promise<OwnEnd>;
}

export interface OwnEnd {
  readonly reason: string;
  readonly code: ExitCode;
}

/** Under npm a Ctrl-C comes twice, from the terminal and passed on by npm: that is one wish, not two. */
const sameWishMs = 500;

/**
 * Starts a daemon and waits for its end: `ok`, or the code of its own end, when it stopped cleanly; `failed`, and the process ends here,
 * when a part had to be abandoned. Signals count from the first moment on: who sees that it runs may stop it, and what is asked while it
 * starts is done when it has. A second signal ends the process at once. SIGHUP reloads the configuration; for one whose terminal it
 * announces the end of, it stops it. Throws what `start` throws.
 */
export async function untilStopped(
  context: CommandContext,
  onHangup: "reload" | "stop",
  start: () => Promise<Stoppable>,
): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<OwnEnd>();
  const wished = (reason: string) => resolve({ reason, code: exitCodes.ok });
  const started = Promise.withResolvers<Stoppable>();
  let stoppedAt = 0;
  using _signals = installSignals(context.signals, {
    stop: (signal) => {
      stoppedAt = context.clock.now();
      wished(signal);
    },
    reload: () => {
      if (onHangup === "stop") wished("the terminal was closed");
      else void started.promise.then((daemon) => daemon.reload());
    },
    exit: (code) => {
      if (context.clock.now() - stoppedAt >= sameWishMs) context.exit(code);
    },
  });
  const daemon = await start();
  started.resolve(daemon);
  void daemon.ending?.then(resolve);
  const { reason, code } = await promise;
  const { failures } = await daemon.stop(reason);
  for (const { phase, task, error } of failures) {
    daemon.log.error({ phase, task, reason: describeError(error) }, "a part did not stop cleanly");
  }
  if (failures.length === 0) return code;
  // What was abandoned may hold the process for good.
  context.exit(exitCodes.failed);
  return exitCodes.failed;
}
