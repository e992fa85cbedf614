/** What each probe last said of one path, a line a probe; good and bad are told by a word, not by colour alone. */
import type { EvidenceDocument } from "@ropewalk/api/explanation";
import { durationText } from "./quantity.ts";
import { alignRows, fitted, printable } from "./table.ts";
import type { View } from "./uplink-table.ts";

/** A configuration may name a thousand targets. */
const mostEvidence = 24;
const widestTarget = 40;

export function evidenceLines(evidence: readonly EvidenceDocument[], { paint }: View): readonly string[] {
  if (evidence.length === 0) return [];
  // What speaks against the path first, so that a cut list does not hide it.
  const ranked = evidence.toSorted((a, b) => rank(a) - rank(b));
  const shown = ranked.slice(0, mostEvidence);
  const rows = shown.map((each) => [
    word(each),
    each.kind,
    fitted(printable(each.target), widestTarget),
    each.ageMs === null ? "-" : `${durationText(each.ageMs)} ago`,
    printable(each.text),
  ]);
  const lines = alignRows(rows, "      ").map((line, index) => {
    const each = shown[index];
    return each === undefined || each.ageMs === null ? paint.dim(line) : each.isGood ? line : paint.bad(line);
  });
  const more = evidence.length - shown.length;
  return ["    evidence", ...lines, ...(more === 0 ? [] : [`      and ${more} more; --json lists them`])];
}

function word({ isGood, ageMs }: EvidenceDocument): string {
  if (ageMs === null) return "none";
  return isGood ? "good" : "BAD";
}

function rank({ isGood, ageMs }: EvidenceDocument): number {
  if (ageMs === null) return 2;
  return isGood ? 1 : 0;
}
