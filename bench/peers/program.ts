/** Where a peer's program is: installed on this machine, or unpacked from Debian's packages with the libraries it came with. */
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { borrowRaced } from "../../tools/system-packages.ts";

export type FoundProgram =
  /** Words that start it, before its arguments. */
  { readonly kind: "found"; readonly words: readonly string[] } | { readonly kind: "lacking"; readonly why: string };

/** `path` is below the root of a Debian system: "usr/sbin/keepalived". */
export function findProgram(set: Parameters<typeof borrowRaced>[0], path: string): FoundProgram {
  if (existsSync(join("/", path))) return { kind: "found", words: [join("/", path)] };
  const borrowed = borrowRaced(set);
  if ("lacking" in borrowed) return { kind: "lacking", why: `Debian package ${set}: ${borrowed.lacking}` };
  const folders = globSync("**/*.so.*", { cwd: borrowed.folder }).map((file) => join(borrowed.folder, dirname(file)));
  return {
    kind: "found",
    words: ["env", `LD_LIBRARY_PATH=${[...new Set(folders)].join(":")}`, join(borrowed.folder, path)],
  };
}
