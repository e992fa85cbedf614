/**
 * The programs in C that load a tunnel and measure it: they cost little beside what they measure, and know microseconds. Each
 * is compiled once for each content of its sources, into the clone's `build/`.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export type LoadProgram = "far-end" | "ping" | "hold" | "churn";

const sources = fileURLToPath(new URL("./load/", import.meta.url));
const builds = fileURLToPath(new URL("../../build/tunnel-load/", import.meta.url));
const flags = ["-O2", "-Wall", "-D_GNU_SOURCE"];

/** The program's file, compiled when it is not there. Throws when there is no C compiler. */
export async function loadProgram(program: LoadProgram): Promise<string> {
  const source = join(sources, `${program}.c`);
  const hash = createHash("sha256").update(flags.join(" "));
  for (const file of [source, join(sources, "load.h")]) hash.update(await readFile(file));
  const folder = join(builds, hash.digest("hex").slice(0, 16));
  const file = join(folder, program);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  // Beside its place, then renamed: two who compile at once do not meet.
  const draft = `${file}.${process.pid}`;
  await promisify(execFile)("cc", [...flags, "-o", draft, source]);
  await rename(draft, file);
  return file;
}
