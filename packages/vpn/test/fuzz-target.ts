/** What the files of fuzz targets export: a parser of what somebody else wrote. `run` must never throw. */
export interface FuzzTarget {
  readonly name: string;
  run(bytes: Uint8Array): void;
  /** Real input to start from. */
  readonly seeds?: readonly Uint8Array[];
}
