/** The node that may be killed, joined in one file: a trial starts it two or three times, and to find hundreds of files is half of a start. */
import { join } from "node:path";
import { build } from "esbuild";

/** A library that is no module asks for what is Node's own. */
const requireForLibraries = `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`;

/** Into `folder`; where it is. */
export async function fatedProgram(folder: string): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, "fated-main.ts")],
    ...{ outdir: folder, bundle: true, banner: { js: requireForLibraries } },
    ...{ platform: "node", format: "esm", target: "node26", conditions: ["@ropewalk/source"] },
    ...{ splitting: true, logLevel: "warning" },
  });
  return join(folder, "fated-main.js");
}
