/** One thing that `ropewalk doctor` looked at, and what it means. */

export type FindingState =
  /** Present and good. */
  | "good"
  /** Worth knowing; nothing is lost by it. */
  | "note"
  /** Missing; this version works without it. */
  | "lack"
  /** Missing, and this version cannot work without it. */
  | "fault";

export interface Finding {
  readonly area: "kernel" | "privilege" | "probing" | "program" | "manager" | "certificate" | "tunnel" | "mesh" | "vpn";
  readonly name: string;
  readonly state: FindingState;
  /** What was found, and by which fact. */
  readonly text: string;
  /** What is lost by it; null when nothing is. */
  readonly cost: string | null;
  /** How to change that; null when there is nothing to change. */
  readonly cure: string | null;
}

export function good(area: Finding["area"], name: string, text: string): Finding {
  return { area, name, state: "good", text, cost: null, cure: null };
}

export function note(area: Finding["area"], name: string, text: string, cost: string | null = null): Finding {
  return { area, name, state: "note", text, cost, cure: null };
}

export function lack(area: Finding["area"], name: string, text: string, cost: string, cure: string): Finding {
  return { area, name, state: "lack", text, cost, cure };
}

export function fault(area: Finding["area"], name: string, text: string, cost: string, cure: string): Finding {
  return { area, name, state: "fault", text, cost, cure };
}
