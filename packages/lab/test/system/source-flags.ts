/** What Node needs to run a program of this repository from its sources; a test's own flags are the runner's too. */

export const sourceFlags: readonly string[] = [
  "--conditions=@ropewalk/source",
  "--disable-warning=ExperimentalWarning",
];

const built = process.env["TESTED_PROGRAM"];
/** Words for the lab: where the gate has built what people install, that is shown, for a start of it is half the work. */
export const testedProgram: readonly string[] = built === undefined ? [] : ["--program", built];
