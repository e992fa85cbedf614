/** What was done, in words: an event for each cause, with the commands that would have done the same. */
import { firewallTable } from "@ropewalk/host/allocations";
import type { FirewallChange } from "@ropewalk/host/firewall-transaction";
import { familyOfChange } from "@ropewalk/host/routing";
import type { KeeperReport } from "@ropewalk/host/routing-keeper";
import type { SettingOutcome } from "@ropewalk/host/setting-keeper";
import type { Family } from "@ropewalk/kernel/addresses";
import type { Drain } from "../pure/steering/drains.ts";
import { commandOf, settingCommand } from "../pure/steering/plan-text.ts";
import type { Decision } from "../status.ts";
import type { SteeringAct, SteeringAction } from "../steering-event.ts";
import type { EndedTraffic } from "./ended-traffic.ts";
import type { Ended } from "./hands.ts";

type NameOf = (ifindex: number) => string;

const mostEvidence = 100;
const interferences = {
  repaired: "somebody else had changed what is Ropewalk's",
  "put-off": "somebody else keeps changing what is Ropewalk's",
} as const;

/** A family whose traffic is to go otherwise, and why. */
export type Redirection = readonly [family: Family, decision: Decision];

/** The one for traffic that goes so now, the other for traffic that the kernel does not let go so, each with what was done and refused. */
export function moveEvents(
  { moved, stuck }: { readonly moved: readonly Redirection[]; readonly stuck: readonly Redirection[] },
  reports: readonly KeeperReport[],
  { nameOf, unmet }: { readonly nameOf: NameOf; readonly unmet: readonly string[] },
): readonly SteeringAct[] {
  const reportsOf = (family: Family) => reports.filter(({ change }) => familyOfChange(change) === family);
  return [
    ...moved.map(([family, { uplinkId, reason }]) =>
      event("moved", family, uplinkId, reason, lines(reportsOf(family), nameOf)),
    ),
    ...stuck.map(([family, { uplinkId, reason }]) => {
      const [refused, others] = partition(reportsOf(family), isRefused);
      const cause = `${reason}; but not all that it takes could be done, and traffic may not go so yet`;
      const evidence = refused.length > 0 ? lines([...refused, ...others], nameOf) : unmet;
      return event("refused", family, uplinkId, cause, evidence);
    }),
  ];
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function isRefused({ result }: { readonly result: { readonly kind: string } }): boolean {
  return result.kind === "refused";
}

/** Reports that no decision caused, or that tell what could not be done. */
export function reportEvents(reports: readonly KeeperReport[], nameOf: NameOf): readonly SteeringAct[] {
  const told: readonly (readonly [SteeringAction, string, (report: KeeperReport) => boolean])[] = [
    ["changed", "the uplinks changed", ({ cause, result }) => cause === "wanted" && result.kind === "done"],
    [
      "changed",
      "the kernel does now what it had refused",
      ({ cause, result }) => cause === "retry" && result.kind === "done",
    ],
    ["repaired", interferences.repaired, ({ cause, result }) => cause === "repair" && result.kind === "done"],
    ["put-off", interferences["put-off"], ({ result }) => result.kind === "put-off"],
    ["refused", "the kernel refused", isRefused],
  ];
  return told.flatMap(([action, cause, isIt]) => {
    const own = reports.filter(isIt);
    return own.length === 0 ? [] : [event(action, null, null, cause, lines(own, nameOf))];
  });
}

export function settingEvents(outcomes: readonly SettingOutcome[]): readonly SteeringAct[] {
  const text = ({ setting, result }: SettingOutcome) =>
    `${settingCommand(setting)}: ${result.kind === "refused" ? result.detail : result.kind}`;
  const [refused, others] = partition(outcomes, isRefused);
  return [
    ...(others.length === 0 ? [] : [event("changed", null, null, "settings of interfaces", others.map(text))]),
    ...(refused.length === 0
      ? []
      : [event("refused", null, null, "a setting could not be written", refused.map(text))]),
  ];
}

export function endedEvent(ended: EndedTraffic): SteeringAct {
  const { way } = ended;
  const cause = `${way.name} carries nothing any more, and there is another uplink`;
  return event("ended-flows", way.family, way.uplinkId, cause, endedLines(ended));
}

export function renumberedEvent(ended: EndedTraffic): SteeringAct {
  const { way } = ended;
  const cause = `${way.name} has lost ${way.addresses.join(", ")}, and lives on with another address`;
  return event("ended-flows", way.family, way.uplinkId, cause, endedLines(ended));
}

const whyDrained = { metered: "is paid for by volume", drained: "is to be drained" } as const;

/** `isEmpty`: there was nothing left to end. */
export function drainedEvent({ way, because }: Drain, ended: EndedTraffic, isEmpty: boolean): SteeringAct {
  const cause = `${way.name} ${whyDrained[because]}, and another uplink carries the traffic`;
  const action = isEmpty ? "drained" : "ended-flows";
  return event(action, way.family, way.uplinkId, cause, isEmpty ? ["nothing is left on it"] : endedLines(ended));
}

function endedLines({ sockets, flows }: EndedTraffic): readonly string[] {
  const text = (what: string, { removed, refused, detail }: Ended) =>
    `${removed} ${what} ended${refused > 0 ? `, ${refused} not: ${detail ?? ""}` : ""}`;
  return [text("local sockets", sockets), text("forwarded flows", flows)];
}

export function failedEvent(detail: string): SteeringAct {
  return event("refused", null, null, "what was decided could not be carried out", [detail]);
}

export function marksEvent(detail: string): SteeringAct {
  return event("refused", null, null, "the marks of forwarded flows could not be made", [detail]);
}

/** Of the table of marks, after somebody's change of it. */
export function marksRepairEvent(action: "repaired" | "put-off", change: FirewallChange): SteeringAct {
  const table = `table inet ${firewallTable}`;
  if (change.kind === "unseen") {
    const cause = "more was done to nftables than could be followed, and what is Ropewalk's may have been changed";
    return event(action, null, null, cause, [`${table}: ${action === "repaired" ? "made anew" : action}`]);
  }
  const who = change.by === undefined ? "" : ` by ${change.by.name} (process ${change.by.pid})`;
  const what = action === "repaired" ? "made anew" : action;
  return event(action, null, null, interferences[action], [`${table}, changed${who}: ${what}`]);
}

function lines(reports: readonly KeeperReport[], nameOf: NameOf): readonly string[] {
  return reports.map(({ change, result }) => {
    const command = commandOf(change, nameOf);
    return result.kind === "refused"
      ? `${command}: ${result.text ?? "refused"} (errno ${result.errno})`
      : `${command}${result.kind === "done" ? "" : `: ${result.kind}`}`;
  });
}

export function event(
  action: SteeringAction,
  family: Family | null,
  uplinkId: SteeringAct["uplinkId"],
  cause: string,
  evidence: readonly string[] = [],
): SteeringAct {
  return { kind: "steering", action, family, uplinkId, cause, evidence: evidence.slice(0, mostEvidence) };
}
