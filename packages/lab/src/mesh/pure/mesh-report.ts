/** What the mesh's demo found, and how it tells it. */

export interface MeshStep {
  readonly deed: string;
  /** The longest time in which no answer came, while the node beyond was asked each 20 ms. */
  readonly silenceMs: number;
  /** What came out otherwise than said; none where all is well. */
  readonly wrong: readonly string[];
}

/** What became of a message to who was away. */
export interface AwayMessage {
  /** After the start of its recipient's node. */
  readonly arrivedAfterMs: number;
  readonly wrong: readonly string[];
}

export interface MeshReport {
  readonly kind: "mesh";
  readonly ok: boolean;
  /** How long it took from the last start until the far end was answered for. */
  readonly foundAfterMs: number;
  /** Over whom the far end was reached, by address. */
  readonly path: readonly string[];
  readonly steps: readonly MeshStep[];
  readonly message: AwayMessage;
  readonly tookSeconds: number;
}

export const openingLines: readonly string[] = [
  "  client ── edge ══ wan0, wan1 ══ target-1",
  "",
  "Three nodes, each with a configuration of at most two lines. client finds edge on its own network; edge is told where target-1 is;",
  "nobody tells client and target-1 of each other.",
];

/** The longest of the times between two answers, and between the last of them and `now`. */
export function longestSilence(answers: readonly number[], now: number): number {
  const ends = [...answers, now];
  return Math.max(0, ...ends.slice(1).map((at, index) => at - (ends[index] ?? at)));
}

export function stepLines({ silenceMs, wrong }: MeshStep): readonly string[] {
  return [`   the longest time without an answer: ${silenceMs} ms`, ...wrong.map((reason) => `   WRONG: ${reason}`)];
}

export function messageLines({ arrivedAfterMs, wrong }: AwayMessage): readonly string[] {
  if (wrong.length > 0) return wrong.map((reason) => `   WRONG: ${reason}`);
  return [`   it arrived once, ${arrivedAfterMs} ms after target-1 was started, and client has the proof`];
}

export function summaryLine({ ok, steps, message, tookSeconds }: MeshReport): string {
  const worst = Math.max(...steps.map(({ silenceMs }) => silenceMs));
  if (!ok) return `It came out otherwise than said, after ${tookSeconds} s.`;
  const silence = `client was answered by target-1 behind each step; the longest silence was ${worst} ms.`;
  const arrival = `What was sent while target-1 was away arrived once, ${message.arrivedAfterMs} ms after it was back.`;
  return `${silence} ${arrival} All in ${tookSeconds} s; nothing is left.`;
}
