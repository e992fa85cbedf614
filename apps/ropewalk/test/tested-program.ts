/** The program that system tests start: what people install, where the gate has built it, for a start of it is half the work of one of the sources. */
import { join } from "node:path";

const built = process.env["TESTED_PROGRAM"];

/** What Node is given before a command's own words. */
export const testedProgram: readonly string[] = [
  ...["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"],
  built ?? join(import.meta.dirname, "../src/main.ts"),
];

/** How it says that it is called. */
export const calledAs: string = built === undefined ? "npx ropewalk" : "ropewalk";
