/** The version of the program: that of its package. */
import manifest from "../package.json" with { type: "json" };

export const programVersion: string = manifest.version;
