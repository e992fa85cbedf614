/** What the signals of a daemon mean: SIGTERM and SIGINT stop it, a second one ends it at once, SIGHUP reloads. */

export interface SignalActions {
  readonly stop: (signal: StopSignal) => void;
  readonly reload: () => void;
  /** Ends the process without waiting; `code` is 128 plus the number of the signal, as shells have it. */
  readonly exit: (code: number) => void;
}

export type StopSignal = "SIGINT" | "SIGTERM";

/** The part of `process` that this needs. */
export interface SignalSource {
  on(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
  off(signal: StopSignal | "SIGHUP", listener: () => void): unknown;
}

const signalNumbers: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

/** Listens until disposed. */
export function installSignals(source: SignalSource, actions: SignalActions): Disposable {
  let isStopping = false;
  const stop = (signal: StopSignal) => {
    if (isStopping) return actions.exit(128 + signalNumbers[signal]);
    isStopping = true;
    actions.stop(signal);
  };
  const onInterrupt = () => stop("SIGINT");
  const onTerminate = () => stop("SIGTERM");
  source.on("SIGINT", onInterrupt);
  source.on("SIGTERM", onTerminate);
  source.on("SIGHUP", actions.reload);
  return {
    [Symbol.dispose]() {
      source.off("SIGINT", onInterrupt);
      source.off("SIGTERM", onTerminate);
      source.off("SIGHUP", actions.reload);
    },
  };
}
