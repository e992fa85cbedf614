/** Programs in C of these tests, compiled once for each content of their source and kept in the clone's `build/`. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const builds = join(import.meta.dirname, "../../../../build/tunnel-ends");

/** The program's file. */
export function compiled(program: "scripted-end" | "stalled-readers"): string {
  const source = join(import.meta.dirname, `${program}.c`);
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 16);
  const file = join(builds, `${program}-${hash}`);
  if (existsSync(file)) return file;
  mkdirSync(builds, { recursive: true });
  // Beside its place, then renamed: two who compile at once do not meet.
  const draft = `${file}.${process.pid}`;
  execFileSync("cc", ["-O2", "-Wall", "-D_GNU_SOURCE", "-o", draft, source]);
  renameSync(draft, file);
  return file;
}
