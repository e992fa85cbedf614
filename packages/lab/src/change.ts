/** When something was changed, by the one clock that every process of the machine shares. */

/** Two readings of CLOCK_MONOTONIC in nanoseconds, as `process.hrtime.bigint()` gives them. */
export interface Change {
  /** Just before the change was made: for a cut, just before the system call. */
  readonly at: bigint;
  /** Just after it was in force. */
  readonly doneAt: bigint;
}

/** Runs `work` and tells when. A time that `work` returns is a closer one to the change and counts as `at`. */
export async function timed(work: () => Promise<bigint | undefined>): Promise<Change> {
  const before = process.hrtime.bigint();
  const at = await work();
  return { at: at ?? before, doneAt: process.hrtime.bigint() };
}
