/**
 * The programs in C that make and measure traffic: a runtime with a garbage collector would measure itself. Each is compiled
 * once for each content of its sources, and kept in the clone's `build/`.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, constants, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LabError } from "./errors.ts";
import { requireCompiler } from "./requirements.ts";

export type TrafficProgram =
  | "name-ask"
  | "stream-send"
  | "stream-receive"
  | "tcp-ask"
  | "tcp-echo"
  | "tcp-fetch"
  | "tcp-hold"
  | "tcp-source"
  | "udp-flows";

const sources = fileURLToPath(new URL("../traffic/", import.meta.url));
const builds = fileURLToPath(new URL("../../../build/lab-traffic/", import.meta.url));
const run = promisify(execFile);
const flags = ["-O2", "-Wall", "-D_GNU_SOURCE", "-pthread"];

/** The program's file, compiled when it is not there. Throws LAB_UNSUPPORTED without a C compiler or its headers. */
export async function compiled(program: TrafficProgram): Promise<string> {
  const source = join(sources, `${program}.c`);
  const texts = await Promise.all([source, join(sources, "traffic.h")].map((file) => readFile(file)));
  const hash = createHash("sha256").update(flags.join(" "));
  for (const text of texts) hash.update(text);
  const folder = join(builds, hash.digest("hex").slice(0, 16));
  const file = join(folder, program);
  if (!(await isThere(file))) await compile(source, folder, file);
  return file;
}

/** Beside its place, then renamed: two who compile at once do not meet. */
async function compile(source: string, folder: string, file: string): Promise<void> {
  await requireCompiler();
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}-${crypto.randomUUID()}`;
  try {
    await run("cc", [...flags, "-o", draft, source]);
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    const said = (cause as { readonly stderr?: string }).stderr?.trim() ?? String(cause);
    const what = `cc could not compile ${source} (Debian: apt-get install gcc libc6-dev): ${said}`;
    throw new LabError("LAB_UNSUPPORTED", what, { cause });
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
