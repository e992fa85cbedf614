/**
 * Keeps one connection to the system bus for as long as it is wanted: opened again, with growing waits, whenever it ends. Nobody waits
 * for it.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { supervise } from "@ropewalk/kernel/supervise";
import { seconds } from "@ropewalk/kernel/units";
import { parseBusAddress } from "./bus-address.ts";
import { BusConnection } from "./message-bus.ts";

export interface BusSessions {
  /** Whose task it is, for people. */
  readonly name: string;
  /** Begins to talk on a new connection; `fail` ends it, for a reason. */
  readonly begin: (bus: BusConnection, fail: (reason: string) => void) => void;
  /** There is no connection, for this reason. */
  readonly onAbsent: (reason: string) => void;
}

/**
 * `busAddress` is a D-Bus address; of several, the first Unix socket is used. Resolves once the signal is aborted and everything
 * is closed.
 */
export function keepBusSession(
  busAddress: string,
  { name, begin, onAbsent }: BusSessions,
  deps: { readonly clock: Clock; readonly chance: () => number },
  stop: AbortSignal,
): Promise<void> {
  const socketPath = parseBusAddress(busAddress);
  if (socketPath === undefined) {
    onAbsent(`"${busAddress}" names no Unix socket`);
    return Promise.resolve();
  }
  const task = {
    name,
    run: (signal: AbortSignal) => talk(socketPath, begin, signal),
    onFailure: ({ error }: { readonly error: unknown }) => onAbsent(describeError(error)),
    backoff: { first: seconds(0.5), longest: seconds(60) },
  };
  return supervise(task, deps, stop);
}

async function talk(socketPath: string, begin: BusSessions["begin"], signal: AbortSignal): Promise<void> {
  await using bus = await BusConnection.open(socketPath, signal);
  const over = Promise.withResolvers<never>();
  const end = (reason: string) => over.reject(new Error(reason));
  signal.addEventListener("abort", () => end("stopped"), { once: true });
  bus.closed.then(end, over.reject);
  begin(bus, end);
  await over.promise;
}
