/** What the files of soak targets export: what `npm run soak` does in full and `npm test` samples. */

export interface SoakTarget {
  readonly name: string;
  /** Unless the command line says otherwise. */
  readonly inputs: number;
  /** What is counted by `inputs`. */
  readonly unit: string;
  /** What went wrong, of runs that `seed` draws. `report` is for how far it has come, and figures. */
  readonly run: (
    inputs: number,
    seed: number,
    report: (line: string) => void,
  ) => readonly string[] | Promise<readonly string[]>;
}
