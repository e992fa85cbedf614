/**
 * Follows NetworkManager on the system bus for as long as it is there: one question for everything when it appears, then
 * only its own signals. Nobody waits for it; until it has answered it is `pending`, and without a bus it is `absent`.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { supervise } from "@ropewalk/kernel/supervise";
import { seconds } from "@ropewalk/kernel/units";
import type { NetworkManagerFacts } from "../pure/resolver-facts.ts";
import { parseBusAddress } from "./bus-address.ts";
import { BusConnection } from "./message-bus.ts";
import { networkManagerFacts } from "./network-manager-objects.ts";
import { NetworkManagerSession, type NetworkManagerState } from "./network-manager-session.ts";
import type { LinkName } from "./server-address.ts";

type State = { readonly kind: "pending" } | NetworkManagerState;

export class NetworkManagerWatch implements AsyncDisposable {
  readonly #onChange: () => void;
  readonly #stop = new AbortController();
  readonly #followed: Promise<void>;
  #state: State = { kind: "pending" };

  /** `busAddress` is a D-Bus address; of several, the first Unix socket is used. */
  constructor(
    busAddress: string,
    deps: { readonly clock: Clock; readonly chance: () => number },
    onChange: () => void,
  ) {
    this.#onChange = onChange;
    const task = {
      name: "NetworkManager over D-Bus",
      run: (signal: AbortSignal) => this.#follow(busAddress, signal),
      onFailure: ({ error }: { readonly error: unknown }) =>
        this.#enter({ kind: "absent", reason: describeError(error) }),
      backoff: { first: seconds(0.5), longest: seconds(60) },
    };
    this.#followed = supervise(task, deps, this.#stop.signal);
  }

  facts(link: LinkName): NetworkManagerFacts {
    const state = this.#state;
    return state.kind === "present" ? networkManagerFacts(state.objects, link) : state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#followed;
  }

  async #follow(busAddress: string, signal: AbortSignal): Promise<void> {
    const socketPath = parseBusAddress(busAddress);
    if (socketPath === undefined) {
      this.#enter({ kind: "absent", reason: `"${busAddress}" names no Unix socket` });
      return;
    }
    await using bus = await BusConnection.open(socketPath, signal);
    const over = Promise.withResolvers<never>();
    const end = (reason: string) => over.reject(new Error(reason));
    signal.addEventListener("abort", () => end("stopped"), { once: true });
    bus.closed.then(end, over.reject);
    new NetworkManagerSession(bus, { enter: (state) => this.#enter(state), fail: end }).begin();
    await over.promise;
  }

  #enter(state: State): void {
    if (this.#stop.signal.aborted) return;
    const before = this.#state;
    this.#state = state;
    // A bus that is still not there is no news.
    if (before.kind === "absent" && state.kind === "absent" && before.reason === state.reason) return;
    this.#onChange();
  }
}
