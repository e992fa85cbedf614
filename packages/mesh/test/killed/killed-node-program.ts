/** The program of a node that is killed, in two files without any imports of ours: it is to be there quickly, a thousand times. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Where it is. */
export async function bundledProgram(folder: string): Promise<string> {
  await build({
    // The store finds its thread's program beside its own.
    entryPoints: [source("killed-node-main.ts"), source("../../src/io/store/store-worker-main.ts")],
    ...{ outdir: folder, entryNames: "[name]", bundle: true },
    ...{ platform: "node", format: "esm", target: "esnext", conditions: ["@ropewalk/source"] },
  });
  return join(folder, "killed-node-main.js");
}
