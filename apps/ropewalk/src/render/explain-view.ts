/**
 * `ropewalk uplink explain` as a page that reads from the answer to its grounds: what works, what is chosen, then each uplink
 * with its evidence, then what happened lately. No line is wider than the terminal as long as its words are not.
 */
import type {
  ExplanationDocument,
  PathExplanationDocument,
  UplinkExplanationDocument,
} from "@ropewalk/api/explanation";
import type { AddressFamily, DecisionDocument } from "@ropewalk/api/http";
import { familyNames, reachabilityText, type Seen, trafficText } from "./decision-view.ts";
import { evidenceLines } from "./evidence-view.ts";
import { durationText, sizeText } from "./quantity.ts";
import { statePaint } from "./state-paint.ts";
import { printable, wrapped } from "./table.ts";
import { uplinkName, type View } from "./uplink-table.ts";
import { qualityText, scoreText } from "./uplink-view.ts";

/** What of the document is shown. */
export interface ExplainScope {
  /** The uplink's id; undefined: all of them. */
  readonly uplinkId: string | undefined;
  readonly families: readonly AddressFamily[];
}

const usualColumns = 100;
const labelWidth = 9;

/** The document with the uplink and the families of the scope only. Decisions and history stay whole: they compare. */
export function scopedExplanation(document: ExplanationDocument, scope: ExplainScope): ExplanationDocument {
  const uplinks = document.uplinks
    .filter(({ id }) => scope.uplinkId === undefined || id === scope.uplinkId)
    .map((uplink) => ({ ...uplink, paths: uplink.paths.filter(({ family }) => scope.families.includes(family)) }));
  return { ...document, uplinks };
}

export function explainLines(document: ExplanationDocument, scope: ExplainScope, view: View): readonly string[] {
  const columns = view.columns ?? usualColumns;
  const scoped = scopedExplanation(document, scope);
  const isWhole = scope.families.length > 1;
  return [
    ...scope.families.map((family) => situation(family, document)).flatMap((text) => wrapped(text, columns, "  ")),
    "",
    ...(isWhole ? decisionLines("overall", document, { columns, isBesideOverall: false }) : []),
    ...scope.families.flatMap((each) => decisionLines(each, document, { columns, isBesideOverall: isWhole })),
    ...(document.monitorOnly ? ["Ropewalk only watches: it changes no route."] : []),
    ...(document.probing ? [] : ["Nothing is measured and no probe is sent: backhaul.probe.enabled is false."]),
    ...scoped.uplinks.flatMap((uplink) => ["", ...uplinkBlock(uplink, view)]),
    ...faultyLines(document, columns),
    ...historyLines(document, columns),
  ];
}

function situation(family: AddressFamily, { connectivity, probing, decisions, uplinks }: ExplanationDocument): string {
  const seen = uplinks.map(({ id, name, label, paths }): Seen => {
    const path = paths.find((each) => each.family === family);
    return { id, name, label, ...(path === undefined ? {} : { [family]: path }) };
  });
  return `${reachabilityText(family, connectivity[family], probing)} ${trafficText(family, { decisions, uplinks: seen })}`;
}

/** A family that is decided like the whole, for the same reason, is not told twice. */
function decisionLines(
  scope: AddressFamily | "overall",
  { decisions }: ExplanationDocument,
  { columns, isBesideOverall }: { readonly columns: number; readonly isBesideOverall: boolean },
): readonly string[] {
  const decision = decisions[scope];
  const { name, reason, rejected } = decision;
  const title = scope === "overall" ? "Overall" : familyNames[scope];
  if (isBesideOverall && isSameDecision(decision, decisions.overall)) return [`${title}: the same as overall`];
  return [
    ...wrapped(`${title}: ${name === null ? "none" : printable(name)}. Why: ${printable(reason)}`, columns, "  "),
    ...rejected.flatMap((loser) =>
      wrapped(`not ${printable(loser.name)}: ${printable(loser.reason)}`, columns, "    ", "  "),
    ),
  ];
}

function isSameDecision(a: DecisionDocument, b: DecisionDocument): boolean {
  const grounds = ({ uplinkId, reason, rejected }: DecisionDocument) => JSON.stringify([uplinkId, reason, rejected]);
  return grounds(a) === grounds(b);
}

function uplinkBlock(uplink: UplinkExplanationDocument, view: View): readonly string[] {
  const { paint } = view;
  const { state, kind, id } = uplink;
  return [
    `${paint.strong(uplinkName(uplink))}  ${statePaint(state, paint)(state)}  ${kind}, ${printable(id)}`,
    ...labelled("probes", probesText(uplink), view),
    ...uplink.paths.flatMap((path) => pathBlock(path, view)),
  ];
}

function probesText({ probing, probeBytes }: UplinkExplanationDocument): string {
  const { sent, received } = probeBytes;
  const spent = `sent ${sizeText(sent)} and received ${sizeText(received)} since the start`;
  if (probing === null) return sent + received === 0 ? "none are sent" : `none are sent now; ${spent}`;
  return `profile ${probing.profile}, ${sizeText(probing.bytesPerDay)} a day while nothing is wrong; ${spent}`;
}

function pathBlock(path: PathExplanationDocument, view: View): readonly string[] {
  const { state, reason, source, sinceMs, figures, silence, penalty, pending } = path;
  const title = `${familyNames[path.family]}${source === null ? "" : ` from ${source}`}`;
  const painted = statePaint(state, view.paint)(state);
  // Of a family that nothing was asked of, such as one without an address, the reason says all.
  const isAsked = path.evidence.length > 0 || figures.score !== null || figures.loss !== null;
  return [
    `  ${title}: ${painted}${sinceMs === null ? "" : ` for ${durationText(sinceMs)}`}`,
    ...labelled("why", `${reason.code}: ${reason.text}`, view),
    ...(pending === null ? [] : labelled("next", pending, view)),
    ...(isAsked ? labelled("quality", qualityText(figures), view) : []),
    ...(isAsked ? labelled("score", scoreText(figures), view) : []),
    ...(silence === null ? [] : labelled("silence", silenceText(silence), view)),
    ...(penalty === null ? [] : labelled("damping", dampingText(penalty), view)),
    ...evidenceLines(path.evidence, view, view.columns ?? usualColumns),
  ];
}

function silenceText({ forMs, boundMs }: NonNullable<PathExplanationDocument["silence"]>): string {
  const bound = `it counts as silent after ${durationText(boundMs)}`;
  return `last sign of life ${durationText(forMs)} ago; ${bound}`;
}

function dampingText({ value, isSuppressed, reusableInMs }: NonNullable<PathExplanationDocument["penalty"]>): string {
  const penalty = `penalty ${Math.round(value)} for going down`;
  return isSuppressed
    ? `${penalty}; kept out of use for another ${durationText(reusableInMs)}`
    : `${penalty}; not enough to be kept out of use`;
}

/** A label and its text, which goes on below itself. */
function labelled(label: string, text: string, { columns = usualColumns }: View): readonly string[] {
  return wrapped(printable(text), columns, " ".repeat(4 + labelWidth), `    ${label.padEnd(labelWidth)}`);
}

function faultyLines({ faultyTargets }: ExplanationDocument, columns: number): readonly string[] {
  if (faultyTargets.length === 0) return [];
  const names = faultyTargets.map(printable).join(", ");
  return [
    "",
    ...wrapped(`Silent on every uplink while others answer, so no uplink is blamed: ${names}`, columns, "  "),
  ];
}

const mostHistory = 16;

function historyLines({ history }: ExplanationDocument, columns: number): readonly string[] {
  if (history.length === 0) return [];
  const shown = history.slice(0, mostHistory);
  const ages = shown.map(({ agoMs }) => `${durationText(agoMs)} ago`);
  const width = Math.max(...ages.map((age) => age.length));
  const more = history.length - shown.length;
  return [
    "",
    "Latest changes, newest first:",
    ...shown.flatMap(({ text }, index) => {
      const age = `  ${(ages[index] ?? "").padStart(width)}  `;
      return wrapped(printable(text), columns, " ".repeat(width + 4), age);
    }),
    ...(more === 0 ? [] : [`  and ${more} more; --json lists them`]),
  ];
}
