/** What Node needs to run a program of this repository from its sources; a test's own flags are the runner's too. */

export const sourceFlags: readonly string[] = [
  "--conditions=@ropewalk/source",
  "--disable-warning=ExperimentalWarning",
];
