/** What a part of this bench is given, and what it finds. */
import type { RaceRow } from "../race.ts";
import type { Made } from "./identities.ts";

export interface Scene {
  /** Of the part alone; it goes when the bench ends. */
  readonly folder: string;
  /** ML-DSA-65 certificates with KEM keys. */
  readonly tunnel: Made;
  readonly rounds: number;
  /** Of what takes minutes each. */
  readonly trials: number;
}

export interface Findings {
  readonly rows: readonly RaceRow[];
  readonly notes: readonly string[];
}

export type Part = (scene: Scene) => Promise<Findings>;
