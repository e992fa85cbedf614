/** What the files of fuzz targets export: what is fed random and mutated octets by `npm test`, and by `npm run soak` in full. */

export interface FuzzTarget {
  readonly name: string;
  /** Must return on any input; a throw is a defect. */
  readonly run: (bytes: Uint8Array) => void;
  /** Well-formed inputs to mutate. */
  readonly seeds?: readonly Uint8Array[];
  /** Inputs in a test, for a target that takes long over each. */
  readonly sample?: number;
}

/** Throws when what was read of `bytes` is written in another way: each thing has one. */
export function assertWrittenSo(written: Uint8Array, bytes: Uint8Array): void {
  const again = written.toHex();
  if (again !== bytes.toHex()) throw new Error(`read as what is written as ${again}`);
}

/** One after another of those that take inputs, each for so many of them: what it has come through is part of what it is tried by. */
export function eachFor(
  inputs: number,
  make: () => { readonly take: (bytes: Uint8Array) => void },
): (bytes: Uint8Array) => void {
  let taken = 0;
  let living = make();
  return (bytes) => {
    taken += 1;
    if (taken % inputs === 0) living = make();
    living.take(bytes);
  };
}
