/**
 * Which interfaces are uplinks after a step: those that stay, then those that are coming, each with an id and a slot that
 * no other has. What ended is told with its reason, and what must be kept across restarts is said.
 */
import type { LinkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { DefaultRoute } from "./default-routes.ts";
import type { UplinkEntry } from "./entries.ts";
import { isEqual } from "./equal.ts";
import { distinctId, identityBase } from "./identity.ts";
import { isHinted, type Judgement, judge } from "./judgement.ts";
import { freeSlot } from "./slots.ts";
import type { BackhaulEffect, BackhaulState, DeviceReading, RememberedUplink } from "./state.ts";
import type { Uplink } from "./uplink.ts";

export interface Tracked {
  /** By ifindex, in its order. */
  readonly uplinks: ReadonlyMap<number, Uplink>;
  readonly devices: ReadonlyMap<number, DeviceReading>;
  readonly remembered: readonly RememberedUplink[];
  readonly withoutSlot: number;
  /** Uplinks that ended, each with the reason. */
  readonly ended: ReadonlyMap<UplinkId, string>;
  /** False while the device of an interface with a way out is unread. */
  readonly isComplete: boolean;
  readonly effects: readonly BackhaulEffect[];
}

export function track(
  state: BackhaulState,
  links: ReadonlyMap<number, LinkFacts>,
  routes: ReadonlyMap<number, readonly DefaultRoute[]>,
  entries: readonly UplinkEntry[],
): Tracked {
  const judged = judgeLinks(state, links, routes, entries);
  const devices = new Map<number, DeviceReading>();
  for (const [ifindex, { reading }] of judged) if (reading !== undefined) devices.set(ifindex, reading);
  const ended = endedUplinks(state, judged);
  const { uplinks, unmatched, withoutSlot } = adopt(state.remembered, links, judged);
  const remembered = unmatched.filter((uplink) => mayStillCome(uplink, links, devices));
  return {
    uplinks,
    devices,
    remembered,
    withoutSlot,
    ended,
    isComplete: ![...judged.values()].some((judgement) => judgement.kind === "waiting"),
    effects: [
      ...deviceRequests(state.devices, devices),
      ...saving([...memories(state.uplinks), ...state.remembered], [...memories(uplinks), ...remembered]),
    ],
  };
}

/** Most links of a machine that has hundreds are of no interest; they are not in the answer, which keeps a step cheap. */
function judgeLinks(
  state: BackhaulState,
  links: ReadonlyMap<number, LinkFacts>,
  routes: ReadonlyMap<number, readonly DefaultRoute[]>,
  entries: readonly UplinkEntry[],
): ReadonlyMap<number, Judgement> {
  const isPlain = entries.length === 0 && state.remembered.length === 0;
  const names = new Set(isPlain ? [] : [...links.values()].map((link) => link.name));
  const needsEveryDevice = entries.some((entry) => entry.selector.kind === "id" && entry.role === "include");
  const context = { state, entries, routes, names, needsEveryDevice };
  const judged = new Map<number, Judgement>();
  for (const [ifindex, link] of links) {
    const hasEvidence = routes.has(ifindex) || state.uplinks.has(ifindex) || state.resolvers.has(ifindex);
    if (hasEvidence || !isPlain) judged.set(ifindex, judge(link, context));
  }
  return judged;
}

function endedUplinks(state: BackhaulState, judged: ReadonlyMap<number, Judgement>): ReadonlyMap<UplinkId, string> {
  const ended = new Map<UplinkId, string>();
  for (const [ifindex, { id }] of state.uplinks) {
    const judgement = judged.get(ifindex);
    if (judgement === undefined) ended.set(id, "its interface is gone");
    else if (judgement.kind === "none") ended.set(id, judgement.because);
    else if (judgement.kind !== "uplink") ended.set(id, "another interface took its place");
  }
  return ended;
}

/** Uplinks that stay keep what they have; those that come get what is free, those with a past before the others. */
function adopt(
  remembered: readonly RememberedUplink[],
  links: ReadonlyMap<number, LinkFacts>,
  judged: ReadonlyMap<number, Judgement>,
): Pick<Tracked, "uplinks" | "withoutSlot"> & { readonly unmatched: readonly RememberedUplink[] } {
  const uplinks = new Map<number, Uplink>();
  for (const [ifindex, judgement] of judged) if (judgement.kind === "uplink") uplinks.set(ifindex, judgement.uplink);
  const coming = [...judged].flatMap(([ifindex, judgement]) =>
    judgement.kind === "coming" ? [{ ifindex, ...judgement }] : [],
  );
  coming.sort((a, b) => Number(a.earlier === undefined) - Number(b.earlier === undefined) || a.ifindex - b.ifindex);

  const left = new Set(remembered);
  let withoutSlot = 0;
  for (const { ifindex, reading, earlier } of coming) {
    const past = earlier !== undefined && left.delete(earlier) ? earlier : undefined;
    const others = [...uplinks.values(), ...left];
    const slot = freeSlot(new Set(others.map((other) => other.slot)), past?.slot);
    if (slot === undefined) {
      withoutSlot += 1;
      continue;
    }
    const isTaken = (id: UplinkId) => others.some((other) => other.id === id);
    const link = links.get(ifindex) ?? reading.askedFor;
    const id =
      past !== undefined && !isTaken(past.id)
        ? past.id
        : distinctId(identityBase(link, reading.facts), link.name, isTaken);
    uplinks.set(ifindex, { id, slot, link });
  }
  return { uplinks: new Map([...uplinks].toSorted(([a], [b]) => a - b)), unmatched: [...left], withoutSlot };
}

/** True while an interface that may be this uplink waits for its device to be read. */
function mayStillCome(
  uplink: RememberedUplink,
  links: ReadonlyMap<number, LinkFacts>,
  devices: ReadonlyMap<number, DeviceReading>,
): boolean {
  for (const [ifindex, reading] of devices) {
    const link = links.get(ifindex);
    if (reading.kind === "asked" && link !== undefined && isHinted([uplink], link)) return true;
  }
  return false;
}

function deviceRequests(
  before: ReadonlyMap<number, DeviceReading>,
  after: ReadonlyMap<number, DeviceReading>,
): readonly BackhaulEffect[] {
  return [...after].flatMap(([ifindex, reading]): readonly BackhaulEffect[] => {
    if (reading.kind === "read" || reading === before.get(ifindex)) return [];
    return [{ kind: "read-device", ifindex, name: reading.askedFor.name, isRetry: false }];
  });
}

function memories(uplinks: ReadonlyMap<number, Uplink>): readonly RememberedUplink[] {
  return [...uplinks.values()].map(({ id, slot, link }) => {
    return { id, slot, interfaceName: link.name, mac: link.permanentMac ?? link.mac };
  });
}

function saving(before: readonly RememberedUplink[], after: readonly RememberedUplink[]): readonly BackhaulEffect[] {
  return isEqual(before, after) ? [] : [{ kind: "save", uplinks: after }];
}
