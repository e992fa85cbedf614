/**
 * Drives: makes the kernel send traffic as the picture says, on every change of it, and takes away what a dead uplink leaves
 * behind. Routes come first, for who is cut off connects anew at once and must find the new way.
 */
import type { LifetimeJournal } from "@ropewalk/host/address-lifetimes";
import type { LeaseOutcome } from "@ropewalk/host/leases";
import type { NetworkWatch } from "@ropewalk/host/ports";
import { familyOfChange } from "@ropewalk/host/routing";
import { type KeeperReport, RoutingKeeper } from "@ropewalk/host/routing-keeper";
import { SettingKeeper, type SettingOutcome } from "@ropewalk/host/setting-keeper";
import { type SettingJournal, settingPath } from "@ropewalk/host/settings";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkDnsOutcome } from "../io/resolved-link-dns.ts";
import { isEqual } from "../pure/equal.ts";
import type { BackhaulState } from "../pure/state.ts";
import { givenLinks } from "../pure/steering/given-links.ts";
import type { SteeringConfig } from "../pure/steering/steering-config.ts";
import { type SteeringWish, slottedUplinks, steeringWish } from "../pure/steering/steering-plan.ts";
import { strand, type Ways } from "../pure/steering/stranded.ts";
import type { Decision } from "../status.ts";
import type { SteeringAct, SteeringEvent } from "../steering-event.ts";
import {
  endedEvent,
  failedEvent,
  moveEvents,
  type Redirection,
  renumberedEvent,
  reportEvents,
  settingEvents,
} from "./accounts.ts";
import { Deprecation } from "./deprecation.ts";
import { Drainer } from "./drainer.ts";
import { endTraffic } from "./ended-traffic.ts";
import type { Hands } from "./hands.ts";
import { Leases, leaseEvent } from "./leases.ts";
import { Marks } from "./marks.ts";
import { Names } from "./names.ts";

export interface DriverDeps {
  readonly network: NetworkWatch;
  readonly journal: SettingJournal;
  readonly lifetimeJournal: LifetimeJournal;
  readonly clock: Clock;
  readonly nameOf: (ifindex: number) => string;
  readonly onEvent: (event: SteeringEvent) => void;
  readonly config: () => Pick<SteeringConfig, "drainGrace" | "uplink">;
}

interface Account {
  readonly moves: readonly SteeringAct[];
  readonly others: readonly SteeringAct[];
}

type Carriers = Readonly<Record<Family, string>>;

/** The caller disposes it, which leaves the kernel as it is, and disposes `hands` itself afterwards. */
export class Driver implements Disposable {
  readonly #hands: Hands;
  readonly #deps: DriverDeps;
  readonly #keeper: RoutingKeeper;
  readonly #settings: SettingKeeper;
  readonly #names: Names | undefined;
  readonly #deprecation: Deprecation;
  readonly #drainer: Drainer;
  readonly #marks: Marks;
  readonly #leases: Leases;
  #wish: SteeringWish | undefined;
  #seen: BackhaulState["network"];
  #ways: Ways | undefined;
  #carriers: Carriers = { ipv4: "", ipv6: "" };
  /** What the kernel refused. */
  #stuck: readonly Redirection[] = [];
  /** Settings that could not be made so, in the system's words. */
  #unset: readonly string[] = [];
  #reports: KeeperReport[] | undefined;
  /** Why the last picture could not be followed. */
  #fault: string | undefined;

  constructor(hands: Hands, deps: DriverDeps) {
    this.#hands = hands;
    this.#deps = deps;
    const { network, clock } = deps;
    const { writer, rules } = hands;
    const onReports = (reports: readonly KeeperReport[]) => this.#take(reports);
    this.#keeper = new RoutingKeeper({ network, rules, writer, clock, onReports });
    this.#settings = new SettingKeeper(hands.settings, deps.journal);
    this.#names = hands.resolvers === undefined ? undefined : new Names(hands.resolvers);
    this.#deprecation = new Deprecation(hands.lifetimes, deps.lifetimeJournal, deps.nameOf);
    this.#leases = new Leases(hands.leases);
    const onAct = (act: SteeringAct) => this.#tell([act]);
    this.#drainer = new Drainer({ clock, onAct, end: (ways) => endTraffic(ways, hands, "counted") });
    this.#marks = new Marks(hands, onAct);
  }

  /** What is wanted and is not so. */
  get unmet(): readonly string[] {
    const names = this.#names?.fault;
    const marks = this.#marks.fault;
    return [
      ...(this.#fault === undefined ? [] : [this.#fault]),
      ...this.#unset,
      ...this.#deprecation.unmet,
      ...(marks === undefined ? [] : [marks]),
      ...(names === undefined ? [] : [names]),
      ...this.#keeper.unmet,
      ...this.#leases.unmet,
    ];
  }

  /**
   * All of it is done, as far as the kernel allows, when this returns. It never throws, for it is called in the middle of what
   * everybody else waits for: what failed is told, and begun anew with the next picture.
   */
  follow(state: BackhaulState): void {
    try {
      this.#follow(state);
      this.#fault = undefined;
    } catch (error) {
      this.#wish = undefined;
      this.#reports = undefined;
      const fault = describeError(error);
      if (fault !== this.#fault) this.#tell([failedEvent(fault)]);
      this.#fault = fault;
    }
  }

  #follow(state: BackhaulState): void {
    const { drainGrace: grace, uplink: entries } = this.#deps.config();
    const wish = steeringWish(state, this.#hands.rules.rules, this.#deps.journal.all());
    if (wish === undefined) return;
    const before = this.#wish;
    this.#wish = wish;
    const outcomes = this.#areSettingsNews(state, before, wish) ? this.#makeSettings(wish) : [];
    const named = this.#hands.areNamesFollowing ? (this.#names?.follow(state.picture) ?? []) : [];
    const reports = isEqual(before?.routing, wish.routing) ? [] : this.#want(wish);
    const movedAt = this.#deps.clock.now();
    const { decisions } = state.picture;
    const uplinks = slottedUplinks(state);
    const { ways, stranded, renumbered } = strand(this.#ways, uplinks, decisions);
    this.#ways = ways;
    const ends = endTraffic(stranded, this.#hands, this.#marks.areInForce ? "at-once" : "counted");
    const outdated = endTraffic(renumbered, this.#hands, "by-address");
    const faded = this.#deprecation.follow(wish.deprecated, state.network?.addresses ?? []);
    const carriers = { ipv4: carriersOf(decisions.ipv4), ipv6: carriersOf(decisions.ipv6) };
    const redirected = families
      .filter((family) => carriers[family] !== this.#carriers[family])
      .map((family): Redirection => [family, decisions[family]]);
    this.#carriers = carriers;
    const clearedAt = this.#deps.clock.now();
    this.#marks.follow(wish.marked);
    const { drained } = state.orders;
    this.#drainer.follow({ ways, uplinks, decisions, drained, grace });
    this.#leases.follow(givenLinks(state.network?.links ?? new Map(), entries));
    // Told last: whoever listens takes time that the traffic does not have.
    const { moves, others } = this.#accountFor(reports, redirected);
    this.#tell(moves, movedAt);
    this.#tell([...settingEvents(outcomes), ...named, ...others], movedAt);
    this.#tell([...faded, ...ends.map(endedEvent), ...outdated.map(renumberedEvent)], clearedAt);
  }

  /** Takes all of ours out of the kernel and gives the settings back; false when something of it could not be done. */
  async purge(): Promise<boolean> {
    this.#drainer[Symbol.dispose]();
    const leases = await this.#leases.purge();
    this.#reports = [];
    this.#keeper.purge();
    const reports = this.#reports;
    this.#reports = undefined;
    const addresses = this.#deprecation.restore();
    const outcomes = this.#settings.want([]);
    this.#wish = undefined;
    this.#stuck = [];
    this.#tell([...leases.events, ...addresses.events, ...settingEvents(outcomes)]);
    this.#tell(reportEvents(reports, this.#deps.nameOf));
    const isRefused = ({ result }: { readonly result: { readonly kind: string } }) => result.kind === "refused";
    const names = await this.#names?.restore();
    this.#tell(names?.events ?? []);
    const areMarksGone = await this.#marks.remove();
    const isClean = leases.isClean && addresses.isClean && names?.isClean !== false && areMarksGone;
    return isClean && !reports.some(isRefused) && !outcomes.some(isRefused);
  }

  /** What systemd-resolved answered. */
  heard(outcome: LinkDnsOutcome): void {
    this.#tell(this.#names?.heard(outcome) ?? []);
  }

  leased(outcome: LeaseOutcome): void {
    this.#tell([leaseEvent(outcome)]);
  }

  [Symbol.dispose](): void {
    this.#drainer[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
    this.#keeper[Symbol.dispose]();
  }

  /** Also when somebody has changed one, which is told as a change of what the network is like. */
  #areSettingsNews({ network }: BackhaulState, before: SteeringWish | undefined, wish: SteeringWish): boolean {
    const seen = this.#seen;
    this.#seen = network;
    const isAsSeen =
      network?.deadRoutes === seen?.deadRoutes && network?.reversePathFilters === seen?.reversePathFilters;
    return !isAsSeen || !isEqual(before?.settings, wish.settings);
  }

  #makeSettings({ settings }: SteeringWish): readonly SettingOutcome[] {
    const outcomes = this.#settings.want(settings);
    this.#unset = outcomes.flatMap(({ setting, result }) =>
      result.kind === "refused" ? [`${settingPath(setting)}: ${result.detail}`] : [],
    );
    return outcomes;
  }

  #want({ routing }: SteeringWish): readonly KeeperReport[] {
    this.#reports = [];
    this.#keeper.want(routing);
    const reports = this.#reports;
    this.#reports = undefined;
    return reports;
  }

  /** Reports of what we ourselves want are told with their cause; those of repairs come whenever somebody interferes. */
  #take(reports: readonly KeeperReport[]): void {
    if (this.#reports !== undefined) {
      this.#reports.push(...reports);
      return;
    }
    const { moves, others } = this.#accountFor(reports, []);
    this.#tell([...moves, ...others]);
  }

  /** Traffic that was to go otherwise has moved once nothing of its family is refused any more, which may be later. */
  #accountFor(reports: readonly KeeperReport[], redirected: readonly Redirection[]): Account {
    const { nameOf } = this.#deps;
    const isStuck = ([family]: Redirection) => this.#keeper.isUnmetIn(family);
    const open = [...new Map([...this.#stuck, ...redirected])];
    const moved = open.filter((one) => !isStuck(one));
    const stuck = redirected.filter(isStuck);
    this.#stuck = open.filter(isStuck);
    const told = new Set([...moved, ...stuck].map(([family]) => family));
    const untold = reports.filter(({ change }) => !told.has(familyOfChange(change)));
    return {
      moves: moveEvents({ moved, stuck }, reports, { nameOf, unmet: this.#keeper.unmet }),
      others: reportEvents(untold, nameOf),
    };
  }

  #tell(acts: readonly SteeringAct[], at: Millis = this.#deps.clock.now()): void {
    for (const act of acts) this.#deps.onEvent({ ...act, at });
  }
}

/** A text that is another when traffic is to go otherwise. */
function carriersOf({ uplinkId, shares }: Decision): string {
  return [uplinkId ?? "", ...shares.map((share) => `${share.uplinkId}=${share.weight}`)].join(" ");
}
