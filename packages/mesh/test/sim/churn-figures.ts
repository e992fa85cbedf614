/** What messages in churn came to, in figures, and what an epidemic came to beside them. */
import type { Millis } from "@ropewalk/kernel/units";

export interface ChurnFigures {
  /** From when it was written, of each that arrived. */
  readonly latencies: readonly number[];
  /** Of each message, the nodes that held it at a time, its sender among them. */
  readonly copies: readonly number[];
  /** Of frames of messages, over each hop. */
  readonly octets: number;
}

export interface MessageChurn {
  readonly written: number;
  /** From the first on. */
  readonly took: Millis;
  /** Messages that an application has more than once. */
  readonly repeated: number;
  /** Whose senders have their proofs. */
  readonly proved: number;
  readonly mesh: ChurnFigures;
  readonly epidemic: ChurnFigures;
}

export function arrivedShare({ written }: Pick<MessageChurn, "written">, { latencies }: ChurnFigures): number {
  return latencies.length / written;
}

export function mostCopies({ copies }: ChurnFigures): number {
  return copies.reduce((most, count) => Math.max(most, count), 0);
}

/** Of all, for people: a line for what was done, and one for each router. */
export function describeChurn(found: MessageChurn): readonly string[] {
  const { written, took, proved, repeated, mesh, epidemic } = found;
  const proofs = `${((100 * proved) / written).toFixed(2)} % proved, ${repeated} more than once`;
  return [
    `${written} written, ${Math.round(took / 60_000)} virtual minutes, ${proofs}`,
    `mesh:     ${described(found, mesh)}`,
    `epidemic: ${described(found, epidemic)}`,
  ];
}

function described(found: MessageChurn, figures: ChurnFigures): string {
  const { latencies, copies, octets } = figures;
  const sorted = latencies.toSorted((one, other) => one - other);
  const within = (part: number) => `${Math.round((sorted[Math.floor(part * sorted.length)] ?? 0) / 1000)} s`;
  const mean = copies.reduce((sum, count) => sum + count, 0) / Math.max(1, copies.length);
  return [
    `${(100 * arrivedShare(found, figures)).toFixed(2)} % arrived, half within ${within(0.5)}, nine of ten within ${within(0.9)}`,
    `${mean.toFixed(1)} nodes held one, ${mostCopies(figures)} at most`,
    `${Math.round(octets / found.written)} octets carried for each`,
  ].join("; ");
}
