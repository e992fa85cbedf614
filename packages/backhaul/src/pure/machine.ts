/**
 * The backhaul's control machine: facts in, picture and effects out. One step takes in one input, tells which interfaces are
 * uplinks, draws the picture anew and publishes what differs. It does nothing itself and is total over its inputs.
 */
import type { AddressFacts, NetworkFacts } from "@ropewalk/host/facts";
import { millis } from "@ropewalk/kernel/units";
import { eventsBetween } from "./changes.ts";
import { defaultRoutesByLink } from "./default-routes.ts";
import type { UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import { lookupsFor } from "./lookups.ts";
import { activeIfindexes, drawPicture, emptyPicture } from "./picture.ts";
import { isSlot } from "./slots.ts";
import type { BackhaulEffect, BackhaulInput, BackhaulState, DeviceAnswer, RememberedUplink } from "./state.ts";
import { track } from "./tracking.ts";

/** What the machine needs of the configuration. */
export interface MachineConfig {
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
  picture: emptyPicture,
};

export function step(state: BackhaulState, input: BackhaulInput, config: MachineConfig): Step {
  const { taken, effects } = takeIn({ ...state, now: input.at }, input);
  if (taken.network === undefined) return { state: taken, effects };
  const settled = settle(taken, taken.network, config);
  return { state: settled.state, effects: [...effects, ...settled.effects] };
}

interface TakenIn {
  readonly taken: BackhaulState;
  readonly effects: readonly BackhaulEffect[];
}

function takeIn(state: BackhaulState, input: BackhaulInput): TakenIn {
  switch (input.kind) {
    case "remembered":
      return { taken: { ...state, remembered: wellFormed(input.uplinks) }, effects: [] };
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

function settle(state: BackhaulState, network: NetworkFacts, { uplink: entries }: MachineConfig): Step {
  const routes = defaultRoutesByLink(network.routes);
  const { addresses } = state;
  const { ended, isComplete, effects: tracking, ...tracked } = track(state, network.links, routes, entries);
  const lookups = lookupsFor(network.links, addresses, tracked.uplinks);
  const resolvers = only(state.resolvers, lookups);
  const picture = drawPicture(
    {
      network,
      addresses,
      routes,
      devices: tracked.devices,
      resolvers,
      uplinks: tracked.uplinks,
      isComplete,
      now: state.now,
    },
    entries,
    state.picture,
  );
  const active = activeIfindexes(picture);
  const polledClosely = isEqual([...active], [...state.polledClosely]) ? state.polledClosely : active;
  return {
    state: { ...state, ...tracked, lookups, resolvers, polledClosely, picture },
    effects: [
      ...eventsBetween(state.picture, picture, ended).map((event): BackhaulEffect => ({ kind: "publish", event })),
      ...(polledClosely === state.polledClosely ? [] : [{ kind: "poll-closely", ifindexes: polledClosely } as const]),
      ...tracking,
      ...changedLookups(state, lookups, network),
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
