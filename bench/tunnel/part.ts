/** What a part of this race is given; what it finds goes into the table. */
import type { Identities, TunnelEntrant } from "./entrant.ts";
import type { RoundTable } from "./round-table.ts";

export interface Scene {
  /** Of the part alone; it goes when the race ends. */
  readonly folder: string;
  readonly identities: Identities;
  /** Who takes part, in the order of the first round. */
  readonly entrants: readonly TunnelEntrant[];
  readonly table: RoundTable;
  readonly rounds: number;
  /** Of one run of one of them. */
  readonly seconds: number;
  /** Of what is watched for long. */
  readonly minutes: number;
  /** Of what is counted. */
  readonly trials: number;
}

export type Part = (scene: Scene) => Promise<void>;
