/** Why a stream is ended before its time, and the octet by which one end tells the other. A closed list: another octet is no reason. */

export const resetReasons = {
  /** The application's connection was reset. */
  aborted: 1,
  /** Nobody listens at the target. */
  refused: 2,
  /** The target does not answer. */
  "timed-out": 3,
  /** The target, or its name, is not to be found. */
  unreachable: 4,
  "not-allowed": 5,
  "unknown-service": 6,
  /** A limit on connections is reached. */
  "too-many": 7,
  /** The other end has lost the session. */
  "peer-restarted": 8,
  /** The session may not go on. */
  revoked: 9,
  "going-away": 10,
  /** A fault of the sender's own. */
  broken: 11,
} as const;

export type ResetReason = keyof typeof resetReasons;

const byCode: ReadonlyMap<number, ResetReason> = new Map(
  (Object.keys(resetReasons) as ResetReason[]).map((reason) => [resetReasons[reason], reason]),
);

/** Undefined where no reason has this code. */
export function resetReason(code: number): ResetReason | undefined {
  return byCode.get(code);
}
