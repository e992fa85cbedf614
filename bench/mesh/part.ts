/** What a part of this race is given; what it finds goes into the table. */
import type { RoundTable } from "../tunnel/round-table.ts";

export interface Scene {
  /** Of the part alone; it goes when the race ends. */
  readonly folder: string;
  readonly table: RoundTable;
  readonly rounds: number;
  /** Of what takes minutes each. */
  readonly trials: number;
  /** For which idle nodes are watched, two at least. */
  readonly minutes: number;
  /** What they are started from: this clone, or what `npm run build` has made. */
  readonly from: "source" | "dist";
  /** Whether a thousand nodes are also simulated with each of them verifying for itself. */
  readonly isUnmemoised: boolean;
  /** A python that has Reticulum; undefined: its published figures stand for it. */
  readonly reticulum: string | undefined;
}

export type Part = (scene: Scene) => Promise<void>;

/** What does less, and is no rival: each part says what it is there. */
export const bareColumn = "bare";
/** Measured here, in the same rounds. */
export const reticulumColumn = "Reticulum";
/** As somebody else has measured or written it. */
export const publishedColumns = { reticulum: "Reticulum, published", meshCore: "MeshCore, published" } as const;
