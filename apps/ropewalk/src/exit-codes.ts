/** What the process says with its exit status. Scripts rely on these numbers: docs/operating/exit-codes.md lists the same. */

export const exitCodes = {
  ok: 0,
  /** It was tried and failed; the message says why. */
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** The configuration has faults. */
  configFaults: 3,
  /** No daemon answers. */
  notRunning: 4,
  /** This user may not do that. */
  noPermission: 5,
  /** Another Ropewalk holds this network namespace or state directory. */
  alreadyRunning: 6,
  /** The thing named on the command line does not exist. */
  notFound: 7,
  /** `doctor`: the machine lacks something that this version cannot work without. */
  machineLacks: 8,
  /** A certificate is not to be trusted; the message says why. */
  notTrusted: 9,
  /** One end of a tunnel refused the other. */
  refused: 10,
  /** `mesh send --wait`: it was accepted, and is not proved: whoever tries again sends another. */
  unproved: 11,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
