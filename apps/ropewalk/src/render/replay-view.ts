/** What a replay shows: each change of state and each choice as a line, with when it was and why. */

import type { Picture } from "@ropewalk/backhaul/pure/picture";
import type { SegmentHeader } from "@ropewalk/backhaul/pure/replay/segment-header";
import type { BackhaulEvent, Decision, DecisionScope, FamilyStatus, UplinkStatus } from "@ropewalk/backhaul/status";
import type { Family } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { ReplayOutcome } from "../replay/replay-files.ts";
import { orderText } from "./order-text.ts";
import { printable } from "./table.ts";

/** Characters of a difference that are shown; a state that differs may differ in all. */
const longestShown = 2_000;

/** "2026-11-20T12:00:02.000Z 44.072 s": wall time as the segment's header lets one reckon, and the node's own clock. */
export function timeText(at: Millis, header: SegmentHeader): string {
  return `${wallText(at, header)} ${(at / 1000).toFixed(3)} s`;
}

/** ISO 8601. */
export function wallText(at: Millis, header: SegmentHeader): string {
  return new Date(Date.parse(header.wall) + at - header.at).toISOString();
}

/** Nothing when the event only says that figures moved. */
export function eventLines(event: BackhaulEvent, before: Picture): readonly string[] {
  switch (event.kind) {
    case "uplink-added":
      return [`${nameOf(event.uplink)} is a new uplink, ${stateText(event.uplink)}`];
    case "uplink-removed":
      return [`${printable(event.name)} is an uplink no more: ${printable(event.reason)}`];
    case "order":
      return [orderText(event)];
    case "uplink-changed": {
      const { uplink } = event;
      const old = before.uplinks.find(({ id }) => id === uplink.id);
      const changes = families.flatMap((family) => said(family, stateChange(uplink[family], old?.[family])));
      return together(changes).map((line) => `${nameOf(uplink)} ${line}`);
    }
    case "connectivity":
      return together([
        ...families.flatMap((family) => said(family, reachabilityChange(family, event, before))),
        ...scopes.flatMap((scope) => said(scope, choiceChange(event.decisions[scope], before.decisions[scope]))),
      ]);
  }
}

const families = ["ipv4", "ipv6"] as const;
const scopes = [...families, "overall"] as const;
const scopeNames: Readonly<Record<DecisionScope, string>> = { ipv4: "IPv4", ipv6: "IPv6", overall: "overall" };

interface Said {
  readonly scope: DecisionScope;
  readonly text: string;
}

function said(scope: DecisionScope, text: string | undefined): readonly Said[] {
  return text === undefined ? [] : [{ scope, text }];
}

/** What is said of several in the same words is said once: "IPv4, IPv6 from up to down: …". */
function together(changes: readonly Said[]): readonly string[] {
  const texts = [...new Set(changes.map(({ text }) => text))];
  return texts.map((text) => {
    const names = changes.filter((change) => change.text === text).map(({ scope }) => scopeNames[scope]);
    return `${names.join(", ")} ${text}`;
  });
}

type Judged = Pick<FamilyStatus, "state" | "reason">;

function stateChange(now: Judged, old: Judged | undefined): string | undefined {
  if (old?.state === now.state && old.reason.code === now.reason.code) return undefined;
  const isOther = old !== undefined && old.state !== now.state;
  return `${isOther ? `from ${old.state} to ` : ""}${stateText(now)}`;
}

function stateText({ state, reason }: Judged): string {
  return `${state}: ${printable(reason.text)}`;
}

function reachabilityChange(
  family: Family,
  { connectivity }: Extract<BackhaulEvent, { readonly kind: "connectivity" }>,
  before: Picture,
): string | undefined {
  const old = before.connectivity[family];
  return connectivity[family] === old ? undefined : `from ${old} to ${connectivity[family]}`;
}

function choiceChange({ uplinkId, name, reason }: Decision, old: Decision): string | undefined {
  if (uplinkId === old.uplinkId) return undefined;
  const instead = old.name === null ? "" : ` instead of ${printable(old.name)}`;
  return `best: ${name === null ? "none" : printable(name)}${instead}, ${printable(reason)}`;
}

function nameOf({ name, label }: UplinkStatus): string {
  return label === null ? printable(name) : `${printable(name)} (${printable(label)})`;
}

/** What a reader must know of a segment before its first line. `own` is the version that replays. */
export function segmentLines(header: SegmentHeader, before: SegmentHeader | undefined, own: string): readonly string[] {
  const { segment, version, opening, wall } = header;
  const lines = [`segment ${segment}, begun ${wall} by ropewalk ${printable(version)}`];
  if (version !== own && version !== before?.version) {
    lines.push(`  this is ropewalk ${own}: another version may decide differently, and then a difference is no defect`);
  }
  if (opening.kind === "lost") lines.push(`  ${opening.records} inputs before it could not be recorded`);
  if (opening.kind === "start" && before !== undefined) lines.push("  the node was started anew");
  if (before !== undefined && segment !== before.segment + 1) {
    lines.push(`  between it and segment ${before.segment} something is missing`);
  }
  return lines;
}

/** The last words: what was counted, or where the replay parts from the log. */
export function outcomeLines(outcome: ReplayOutcome): readonly string[] {
  const { inputs, decisions, segments } = outcome.counts;
  const counted = `${counts(inputs, "input")}, ${counts(decisions, "decision")} in ${counts(segments, "segment")}`;
  if (outcome.kind === "identical") return [`${counted}, identical`];
  const at = `${printable(outcome.place.file)}, line ${outcome.place.line}`;
  if (outcome.kind === "unreadable")
    return [`${at} cannot be replayed: ${printable(outcome.reason)}`, `before it: ${counted}`];
  const what =
    outcome.what === "decision" ? "this line is decided otherwise" : "the state before this segment is another";
  return [
    `${at}: ${what}`,
    `  expected ${shown(outcome.expected)}`,
    `  got      ${shown(outcome.got)}`,
    `before it: ${counted}, identical`,
  ];
}

function counts(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function shown(text: string): string {
  const cut = text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text;
  return printable(cut);
}
