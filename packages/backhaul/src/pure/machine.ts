/**
 * The backhaul's control machine: facts in, picture and effects out. One step takes in one input, tells which interfaces are
 * uplinks, draws the picture anew and publishes what differs. It does nothing itself and is total over its inputs.
 */
import type { AddressFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { eventsBetween } from "./changes.ts";
import { defaultRoutesByLink } from "./default-routes.ts";
import type { UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import type { HealthConfig } from "./health/health-config.ts";
import { follow, type HealthStep, noHealth, outcome, tick, traffic } from "./health/monitor.ts";
import { withLeasedRoutes } from "./leased-routes.ts";
import { lookupsFor } from "./lookups.ts";
import { takeOrder } from "./order-taking.ts";
import { noOrders, wellFormedOrders } from "./orders.ts";
import { activeIfindexes, drawPicture, emptyPicture, noChoices } from "./picture.ts";
import { look, measurablePaths, nothingSeenYet } from "./seen.ts";
import { isSlot } from "./slots.ts";
import type { BackhaulEffect, BackhaulInput, BackhaulState, DeviceAnswer, RememberedUplink } from "./state.ts";
import { track } from "./tracking.ts";

/** What the machine needs of the configuration. */
export interface MachineConfig extends HealthConfig {
  readonly uplink: readonly UplinkEntry[];
}

export interface Step {
  readonly state: BackhaulState;
  readonly effects: readonly BackhaulEffect[];
}

export const initialState: BackhaulState = {
  network: undefined,
  now: millis(0),
  addresses: new Map(),
  devices: new Map(),
  resolvers: new Map(),
  lookups: new Map(),
  remembered: [],
  uplinks: new Map(),
  withoutSlot: 0,
  polledClosely: new Set(),
  seen: nothingSeenYet,
  probe: undefined,
  health: noHealth,
  choices: noChoices,
  orders: noOrders,
  choiceAt: undefined,
  wakeAt: undefined,
  picture: emptyPicture,
};

export function step(before: BackhaulState, input: BackhaulInput, config: MachineConfig): Step {
  const state = { ...before, now: input.at };
  switch (input.kind) {
    case "tick":
      // Timers may be early by a fraction: whatever it finds to do, the tick that was asked for has come.
      return measured({ ...state, wakeAt: undefined }, tick(state.health, input.at, config), config);
    case "probed":
      return measured(state, outcome(state.health, input.outcome, input.at, config), config);
    case "traffic":
      return measured(state, traffic(state.health, input.counts, input.at, config), config);
    case "remembered":
    case "standing-orders":
    case "order":
    case "network":
    case "devices":
    case "resolvers":
    case "config":
      return informed(state, input, config);
  }
}

/** Most inputs are of probes, and most of those change nothing that is told: they cost no new picture. */
function measured(before: BackhaulState, { health, effects }: HealthStep, config: MachineConfig): Step {
  const state = { ...before, health };
  const isDue = state.choiceAt !== undefined && state.now >= state.choiceAt;
  if (health.verdicts === before.health.verdicts && !isDue) return woken(state, effects);
  const judged = judge(state, config, new Map());
  return woken(judged.state, [...judged.effects, ...effects]);
}

type Information = Exclude<BackhaulInput, { readonly kind: "tick" | "probed" | "traffic" }>;

function informed(state: BackhaulState, input: Information, config: MachineConfig): Step {
  const { taken, effects } = takeIn(state, input);
  if (taken.network === undefined) return { state: taken, effects };
  const settled = settle(taken, taken.network, config);
  return woken(settled.state, [...effects, ...settled.effects]);
}

/** Asks for the next tick, when it is another one than was asked for last; one that is due is on its way, and not put off. */
function woken(state: BackhaulState, effects: readonly BackhaulEffect[]): Step {
  const wakeAt = earlier(state.health.wakeAt, state.choiceAt);
  const isDue = (at: Millis | undefined) => at !== undefined && at <= state.now;
  if (wakeAt === state.wakeAt || (isDue(wakeAt) && isDue(state.wakeAt))) return { state, effects };
  return { state: { ...state, wakeAt }, effects: [...effects, { kind: "wake", at: wakeAt }] };
}

function earlier(a: Millis | undefined, b: Millis | undefined): Millis | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

export interface TakenIn {
  readonly taken: BackhaulState;
  readonly effects: readonly BackhaulEffect[];
}

function takeIn(state: BackhaulState, input: Information): TakenIn {
  switch (input.kind) {
    case "remembered":
      return { taken: { ...state, remembered: wellFormed(input.uplinks) }, effects: [] };
    case "standing-orders":
      return { taken: { ...state, orders: wellFormedOrders(input.orders) }, effects: [] };
    case "order":
      return takeOrder(state, input.order);
    case "network":
      return { taken: { ...state, network: input.facts, addresses: addressIndex(state, input.facts) }, effects: [] };
    case "devices":
      return takeDevices(state, input.answers);
    case "resolvers":
      return { taken: { ...state, resolvers: new Map([...state.resolvers, ...input.facts]) }, effects: [] };
    case "config":
      return { taken: state, effects: [] };
  }
}

/** A store may hold anything: of two with one id or one slot the first counts. */
function wellFormed(uplinks: readonly RememberedUplink[]): readonly RememberedUplink[] {
  const kept: RememberedUplink[] = [];
  for (const uplink of uplinks) {
    const isClash = kept.some((other) => other.id === uplink.id || other.slot === uplink.slot);
    if (isSlot(uplink.slot) && !isClash) kept.push(uplink);
  }
  return kept;
}

/** A device that was not found is looked for once more, in case it was being renamed; then the interface stands without. */
function takeDevices(state: BackhaulState, answers: readonly DeviceAnswer[]): TakenIn {
  const devices = new Map(state.devices);
  const effects: BackhaulEffect[] = [];
  for (const { ifindex, name, facts } of answers) {
    const reading = devices.get(ifindex);
    if (reading?.kind !== "asked" || reading.askedFor.name !== name) continue;
    const misses = facts === undefined ? reading.misses + 1 : 0;
    const isRetry = misses === 1;
    devices.set(ifindex, { ...reading, kind: isRetry ? "asked" : "read", misses, facts: facts ?? reading.facts });
    if (isRetry) effects.push({ kind: "read-device", ifindex, name, isRetry });
  }
  return { taken: { ...state, devices }, effects };
}

function settle(before: BackhaulState, network: NetworkFacts, config: MachineConfig): Step {
  const { addresses } = before;
  const routes = withLeasedRoutes(defaultRoutesByLink(network.routes), before.resolvers, addresses);
  const { ended, isComplete, effects: tracking, ...tracked } = track(before, network.links, routes, config.uplink);
  const lookups = lookupsFor(network.links, addresses, tracked.uplinks);
  const resolvers = only(before.resolvers, lookups);
  const { now } = before;
  const facts = { network, addresses, routes, ...tracked, resolvers, isComplete, now };
  const seen = look(facts, config, before.seen);
  const isReset = before.probe !== undefined && !isEqual(before.probe, config.probe);
  const followed = follow(before.health, measurablePaths(seen.uplinks), now, config, isReset);
  const state = { ...before, ...tracked, lookups, resolvers, seen, health: followed.health, probe: config.probe };
  const judged = judge(state, config, ended);
  return {
    state: judged.state,
    effects: [...judged.effects, ...tracking, ...changedLookups(before, lookups, network), ...followed.effects],
  };
}

/** Draws the picture and tells what differs. `ended` are uplinks that are none any more, each with the reason. */
function judge(state: BackhaulState, config: MachineConfig, ended: ReadonlyMap<UplinkId, string>): Step {
  const { seen, health, choices: before, orders, now } = state;
  const parts = { seen, verdicts: health.verdicts, choices: before, orders, now };
  const { picture, choices, dueAt } = drawPicture(parts, config, state.picture);
  const active = activeIfindexes(picture);
  const polledClosely = isEqual([...active], [...state.polledClosely]) ? state.polledClosely : active;
  const events = eventsBetween(state.picture, picture, ended);
  return {
    state: { ...state, polledClosely, picture, choices, choiceAt: dueAt },
    effects: [
      ...events.map((event): BackhaulEffect => ({ kind: "publish", event })),
      ...(polledClosely === state.polledClosely ? [] : [{ kind: "poll-closely", ifindexes: polledClosely } as const]),
    ],
  };
}

function addressIndex({ network, addresses }: BackhaulState, facts: NetworkFacts): BackhaulState["addresses"] {
  if (facts.addresses === network?.addresses) return addresses;
  const byLink = new Map<number, AddressFacts[]>();
  for (const address of facts.addresses) {
    const known = byLink.get(address.ifindex);
    if (known === undefined) byLink.set(address.ifindex, [address]);
    else known.push(address);
  }
  return byLink;
}

/** The entries of `map` whose key is in `keys`; `map` itself when that is all of them. */
function only<T>(map: ReadonlyMap<number, T>, keys: ReadonlyMap<number, unknown>): ReadonlyMap<number, T> {
  const kept = [...map].filter(([key]) => keys.has(key));
  return kept.length === map.size ? map : new Map(kept);
}

function changedLookups(
  before: BackhaulState,
  lookups: ReadonlyMap<number, string>,
  network: NetworkFacts,
): readonly BackhaulEffect[] {
  return [...lookups].flatMap(([ifindex, key]): readonly BackhaulEffect[] => {
    const link = network.links.get(ifindex);
    return link === undefined || before.lookups.get(ifindex) === key
      ? []
      : [{ kind: "read-resolvers", ifindex, name: link.name }];
  });
}
