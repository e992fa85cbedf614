/** What `ropewalk tunnel answer` and `tunnel probe` print with `--json`, a document a line. */

export type AnswerLine =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "established"; readonly times: Times }
  /** How many were refused, by reason. */
  | { readonly kind: "refused"; readonly numbers: Readonly<Record<string, number>>; readonly text: string };

interface Times {
  /** Only whoever opened the connection tells it. */
  readonly connectMs?: number;
  readonly establishedMs: number;
}

interface Document {
  readonly listening?: { readonly port: number };
  readonly outcome?: "established" | "refused";
  readonly times?: Times;
  readonly reason?: string;
  readonly text?: string;
  readonly more?: Readonly<Record<string, number>>;
}

/** Throws when the line is none of these. */
export function parseAnswerLine(line: string): AnswerLine {
  const { listening, outcome, times, reason, text, more } = JSON.parse(line) as Document;
  if (listening !== undefined) return { kind: "listening", port: listening.port };
  if (outcome === "established" && times !== undefined) return { kind: "established", times };
  if (outcome === "refused" && more !== undefined) return { kind: "refused", numbers: more, text: "" };
  if (outcome === "refused" && reason !== undefined)
    return { kind: "refused", numbers: { [reason]: 1 }, text: text ?? reason };
  throw new Error(`the tunnel's command printed what is not known here: ${line}`);
}
