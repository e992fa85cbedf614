/**
 * Has systemd-resolved ask the servers of the uplink in use, for as long as it is on the system bus: told anew whenever it appears.
 * Nobody waits for it, and which links it was told of is on disk before it is told.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type LinkOrder, linkOrders } from "../pure/link-dns.ts";
import { ordersOf } from "../pure/pending-names.ts";
import type { ResolverLink, ResolverPlan } from "../pure/resolver-plan.ts";
import { keepBusSession } from "./bus-session.ts";
import type { LinkJournal } from "./link-journal.ts";
import type { BusConnection } from "./message-bus.ts";
import { ResolvedSession } from "./resolved-session.ts";
import type { RestoreOutcome } from "./restore-outcome.ts";

export type LinkDnsOutcome =
  /** Everything that it was told it took; it asks the servers of these links. */
  | { readonly kind: "told"; readonly asked: readonly string[] }
  /** Of these links it has again what others told it, because what we told was another uplink's. */
  | { readonly kind: "reverted"; readonly links: readonly string[] }
  | { readonly kind: "refused"; readonly detail: string };

export type ResolvedState =
  | { readonly kind: "pending" }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "present"; readonly session: ResolvedSession };

export class ResolvedLinkDns implements AsyncDisposable {
  readonly #journal: LinkJournal;
  readonly #onOutcome: (outcome: LinkDnsOutcome) => void;
  readonly #stop = new AbortController();
  readonly #followed: Promise<void>;
  /** Resolves when it is known for the first time whether systemd-resolved is there. */
  readonly #looked: PromiseWithResolvers<void> = Promise.withResolvers();
  #state: ResolvedState = { kind: "pending" };
  #plan: ResolverPlan | undefined;
  /** What the systemd-resolved that is there was told last, and not told back since. */
  #told: string | undefined;

  /** `onOutcome` is called later than what it is about. The caller disposes it, which changes nothing that was told. */
  constructor(
    busAddress: string,
    deps: { readonly clock: Clock; readonly chance: () => number; readonly journal: LinkJournal },
    onOutcome: (outcome: LinkDnsOutcome) => void,
  ) {
    this.#journal = deps.journal;
    this.#onOutcome = onOutcome;
    const sessions = {
      name: "systemd-resolved over D-Bus",
      begin: (bus: BusConnection, fail: (reason: string) => void) => this.#begin(bus, fail),
      onAbsent: (reason: string) => this.#enter({ kind: "absent", reason }),
    };
    this.#followed = keepBusSession(busAddress, sessions, deps, this.#stop.signal);
  }

  get state(): ResolvedState {
    return this.#state;
  }

  /** Sends at once, and again whenever systemd-resolved appears; undefined says nothing more. */
  follow(plan: ResolverPlan | undefined): void {
    this.#plan = plan;
    if (this.#state.kind === "present") this.#tell(this.#state.session);
  }

  /** What it was not told yet of this plan, or what it would be told if it were there. */
  pending(plan: ResolverPlan): readonly LinkOrder[] {
    const orders = ordersOf(plan);
    return JSON.stringify(orders) === this.#told ? [] : orders;
  }

  /** Takes back whatever was told of any link, also by a run before this one, and says nothing more. Never rejects. */
  async restore(): Promise<readonly RestoreOutcome[]> {
    this.#plan = undefined;
    return this.#takeBack();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#followed;
    this.#looked.resolve();
  }

  #begin(bus: BusConnection, fail: (reason: string) => void): void {
    const session: ResolvedSession = new ResolvedSession(bus, {
      appear: () => this.#enter({ kind: "present", session }),
      vanish: (reason) => this.#enter({ kind: "absent", reason }),
      fail,
    });
    session.begin();
  }

  #enter(state: ResolvedState): void {
    if (this.#stop.signal.aborted) return;
    this.#state = state;
    this.#told = undefined;
    if (state.kind === "present") this.#tell(state.session);
    this.#looked.resolve();
  }

  #tell(session: ResolvedSession): void {
    const plan = this.#plan;
    if (plan?.kind === "ask") this.#order(session, linkOrders(plan));
    else if (plan?.kind === "unknown" && plan.elsewhere.length > 0) void this.#withdraw();
  }

  #order(session: ResolvedSession, orders: readonly LinkOrder[]): void {
    const told = JSON.stringify(orders);
    if (told === this.#told) return;
    const fault = this.#keep(orders);
    if (fault !== undefined) {
      this.#onOutcome({ kind: "refused", detail: fault });
      return;
    }
    this.#told = told;
    const asked = orders.filter(({ isForEveryName }) => isForEveryName).map(({ name }) => name);
    session.order(orders, (faults) => {
      if (faults.length > 0 && this.#told === told) this.#told = undefined;
      this.#onOutcome(faults.length === 0 ? { kind: "told", asked } : { kind: "refused", detail: faults.join("; ") });
    });
  }

  /** Writes down which links are about to be changed. */
  #keep(links: readonly ResolverLink[]): string | undefined {
    try {
      const known = new Map(this.#journal.all().map(({ ifindex, name }) => [ifindex, name]));
      for (const { ifindex, name } of links) {
        if (known.get(ifindex) !== name) this.#journal.put({ ifindex, name });
      }
      return undefined;
    } catch (error) {
      return `which links are changed cannot be kept: ${describeError(error)}`;
    }
  }

  async #withdraw(): Promise<void> {
    const outcomes = await this.#takeBack();
    const faults = outcomes.flatMap(({ what, result }) =>
      result.kind === "refused" ? [`${what}: ${result.detail}`] : [],
    );
    if (faults.length > 0) this.#onOutcome({ kind: "refused", detail: faults.join("; ") });
    else if (outcomes.length > 0) this.#onOutcome({ kind: "reverted", links: outcomes.map(({ what }) => what) });
  }

  async #takeBack(): Promise<readonly RestoreOutcome[]> {
    this.#told = undefined;
    try {
      const links = this.#journal.all();
      if (links.length === 0) return [];
      await this.#looked.promise;
      const outcomes = await Promise.all(links.map((link) => this.#revert(link)));
      const state = this.#state;
      if (state.kind === "present") {
        await new Promise<void>((resolve) => state.session.refreshNetworkManager(resolve));
      }
      return outcomes;
    } catch (error) {
      return [{ what: "systemd-resolved", result: { kind: "refused", detail: describeError(error) } }];
    }
  }

  async #revert(link: ResolverLink): Promise<RestoreOutcome> {
    const what = link.name;
    const state = this.#state;
    if (state.kind !== "present") {
      const detail = state.kind === "absent" ? state.reason : "the system bus was not reached";
      return { what, result: { kind: "refused", detail } };
    }
    const fault = await new Promise<string | undefined>((resolve) => state.session.revert(link, resolve));
    if (fault !== undefined) return { what, result: { kind: "refused", detail: fault } };
    // What was ordered meanwhile came after the revert, and is to be taken back another time.
    if (this.#told === undefined) this.#journal.remove(link.ifindex);
    return { what, result: { kind: "restored" } };
  }
}
