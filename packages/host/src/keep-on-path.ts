/**
 * Keeps one socket open on one uplink and family while that path exists, and opens it anew whenever the path is another:
 * interface, name, source, gateway or mark. Level-triggered: it acts on the newest Connectivity, however many it missed.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { BackoffConfig } from "@ropewalk/kernel/backoff";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity, PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { Latest, type Watched } from "@ropewalk/kernel/latest";
import { type Supervised, supervise } from "@ropewalk/kernel/supervise";

export interface KeepOnPathConfig<Kept extends AsyncDisposable> {
  readonly uplinkId: UplinkId;
  readonly family: Family;
  /**
   * Opens on the path as it is now. Listeners that must not miss anything are added here. When `signal` aborts the path
   * is another already: what is opened nevertheless is closed at once.
   */
  readonly open: (binding: PathBinding, signal: AbortSignal) => Promise<Kept>;
  /** Opening or closing failed; it is tried again after `retryIn`, or at once when the path changes. */
  readonly onFailure: Supervised["onFailure"];
  readonly backoff?: BackoffConfig;
}

export interface KeepOnPathDeps {
  readonly connectivity: Watched<Connectivity>;
  readonly clock: Clock;
  readonly chance: () => number;
}

/** The socket now, undefined while there is none. Disposing closes it, and waits until it is closed. */
export interface KeptOnPath<Kept> extends Watched<Kept | undefined>, AsyncDisposable {}

export function keepOnPath<Kept extends AsyncDisposable>(
  config: KeepOnPathConfig<Kept>,
  deps: KeepOnPathDeps,
): KeptOnPath<Kept> {
  const kept = new Latest<Kept | undefined>(undefined);
  const controller = new AbortController();
  const following = follow(config, deps, kept, controller.signal);
  return {
    get current() {
      return kept.current;
    },
    watch: (signal) => kept.watch(signal),
    async [Symbol.asyncDispose]() {
      controller.abort();
      await following;
    },
  };
}

/** Runs until the signal aborts; the socket is closed by then. */
async function follow<Kept extends AsyncDisposable>(
  config: KeepOnPathConfig<Kept>,
  deps: KeepOnPathDeps,
  kept: Latest<Kept | undefined>,
  signal: AbortSignal,
): Promise<void> {
  let binding: PathBinding | undefined;
  let holding: AsyncDisposable | undefined;
  for await (const { usable } of deps.connectivity.watch(signal)) {
    const next = usable.find((path) => path.uplinkId === config.uplinkId && path.family === config.family);
    if (isSamePath(binding, next)) continue;
    binding = next;
    await holding?.[Symbol.asyncDispose]();
    holding = next && hold(config, deps, kept, next);
  }
  await holding?.[Symbol.asyncDispose]();
}

/** Holds a socket on `binding`, retrying until disposed. */
function hold<Kept extends AsyncDisposable>(
  config: KeepOnPathConfig<Kept>,
  deps: KeepOnPathDeps,
  kept: Latest<Kept | undefined>,
  binding: PathBinding,
): AsyncDisposable {
  const controller = new AbortController();
  const run = async (signal: AbortSignal) => {
    await using socket = await config.open(binding, signal);
    if (signal.aborted) return;
    kept.set(socket);
    try {
      await aborted(signal);
    } finally {
      kept.set(undefined);
    }
  };
  const task: Supervised = {
    name: `socket on ${binding.name} (${binding.family})`,
    run,
    onFailure: config.onFailure,
    ...(config.backoff && { backoff: config.backoff }),
  };
  const holding = supervise(task, deps, controller.signal);
  return {
    async [Symbol.asyncDispose]() {
      controller.abort();
      await holding;
    },
  };
}

/** Whether a socket opened on one path is still right for the other. Measurements and MTU do not make another path. */
function isSamePath(one: PathBinding | undefined, other: PathBinding | undefined): boolean {
  return (
    one?.ifindex === other?.ifindex &&
    one?.name === other?.name &&
    one?.source === other?.source &&
    one?.gateway === other?.gateway &&
    one?.mark === other?.mark
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
