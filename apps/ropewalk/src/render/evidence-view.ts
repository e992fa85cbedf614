/** What each probe last said of one path, a line a probe; good and bad are told by a word, not by colour alone. */
import type { EvidenceDocument } from "@ropewalk/api/explanation";
import { durationText } from "./quantity.ts";
import { alignRows, fitted, printable, wrapped } from "./table.ts";
import type { View } from "./uplink-table.ts";

/** A configuration may name a thousand targets. */
const mostEvidence = 24;
const widestTarget = 40;

export function evidenceLines(
  evidence: readonly EvidenceDocument[],
  { paint }: View,
  columns: number,
): readonly string[] {
  if (evidence.length === 0) return [];
  // What speaks against the path first, so that a cut list does not hide it.
  const ranked = evidence.toSorted((a, b) => rank(a) - rank(b));
  const shown = ranked.slice(0, mostEvidence);
  const heads = alignRows(shown.map(headOf), "      ");
  const lines = shown.flatMap((each, index) => {
    const head = heads[index] ?? "";
    const colour = each.ageMs === null ? paint.dim : each.isGood ? (text: string) => text : paint.bad;
    return wrapped(printable(each.text), columns, " ".repeat(head.length), head).map(colour);
  });
  const more = evidence.length - shown.length;
  return ["    evidence", ...lines, ...(more === 0 ? [] : [`      and ${more} more; --json lists them`])];
}

/** Everything but the text; the empty cell at the end makes the columns line up up to where the text begins. */
function headOf(each: EvidenceDocument): readonly string[] {
  const age = each.ageMs === null ? "-" : `${durationText(each.ageMs)} ago`;
  return [word(each), each.kind, fitted(printable(each.target), widestTarget), age, ""];
}

function word({ isGood, ageMs }: EvidenceDocument): string {
  if (ageMs === null) return "none";
  return isGood ? "good" : "BAD";
}

function rank({ isGood, ageMs }: EvidenceDocument): number {
  if (ageMs === null) return 2;
  return isGood ? 1 : 0;
}
