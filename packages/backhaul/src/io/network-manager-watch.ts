/**
 * Follows NetworkManager on the system bus for as long as it is there: one question for everything when it appears, then
 * only its own signals. Nobody waits for it; until it has answered it is `pending`, and without a bus it is `absent`.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { NetworkManagerFacts } from "../pure/resolver-facts.ts";
import { keepBusSession } from "./bus-session.ts";
import { networkManagerFacts } from "./network-manager-objects.ts";
import { type Bus, NetworkManagerSession, type NetworkManagerState } from "./network-manager-session.ts";
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
    const sessions = {
      name: "NetworkManager over D-Bus",
      begin: (bus: Bus, fail: (reason: string) => void) =>
        new NetworkManagerSession(bus, { enter: (state) => this.#enter(state), fail }).begin(),
      onAbsent: (reason: string) => this.#enter({ kind: "absent", reason }),
    };
    this.#followed = keepBusSession(busAddress, sessions, deps, this.#stop.signal);
  }

  facts(link: LinkName): NetworkManagerFacts {
    const state = this.#state;
    return state.kind === "present" ? networkManagerFacts(state.objects, link) : state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#followed;
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
