/** What a server needs before it can start: its programs where its user can run them, its data, and the rules of who may connect. */
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, open, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";
import type { Programs } from "./programs.ts";
import { runProgram } from "./run-program.ts";
import { ensureFolder, type ServerFolders } from "./server-folders.ts";
import type { ServerUser } from "./server-user.ts";

/** Whom the database knows, and its one database. */
export const databaseUser = "entry";
export const databaseName = "postgres";

/** The major version of the data that are there; undefined: none are. */
export function majorOfData({ data }: ServerFolders): number | undefined {
  const file = join(data, "PG_VERSION");
  return existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : undefined;
}

/** Returns the folder with `postgres` and `initdb`. */
export async function placePrograms(programs: Programs, { base }: ServerFolders): Promise<string> {
  if (programs.kind === "machine") return programs.folder;
  const place = join(base, `programs-${programs.version}`);
  if (!existsSync(place)) {
    const staging = join(base, "programs.new");
    await rm(staging, { recursive: true, force: true });
    await cp(join(programs.root, "native"), join(staging, "native"), { recursive: true, verbatimSymlinks: true });
    await linkLibraries(programs.root, staging);
    await runProgram(["sync", "-f", staging], seconds(60));
    await rename(staging, place);
  }
  const older = (await readdir(base)).filter((name) => name.startsWith("programs-") && name !== basename(place));
  for (const name of older) await rm(join(base, name), { recursive: true, force: true });
  return join(place, "native/bin");
}

/** The library's script would make these when it is installed, and no scripts are run then. */
async function linkLibraries(root: string, copy: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, "native/pg-symlinks.json"), "utf8")) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    await mkdir(dirname(join(copy, target)), { recursive: true });
    await rm(join(copy, target), { force: true });
    await symlink(basename(source), join(copy, target));
  }
}

/** Data get their name when they are whole and on the disk: a start that was cut short begins anew. */
export async function makeData(programs: string, folders: ServerFolders, user: ServerUser): Promise<void> {
  const staging = join(folders.base, "data.new");
  await rm(staging, { recursive: true, force: true });
  await ensureFolder(staging, user);
  const words = [
    ...[join(programs, "initdb"), "-D", staging, `--username=${databaseUser}`, "--encoding=UTF8", "--locale=C"],
    ...["--auth-local=peer", "--auth-host=reject", "--data-checksums", "--no-sync"],
  ];
  const made = await runProgram([...user.words, ...words], seconds(60));
  // At once (syncfs(2)): initdb would wait for each of a thousand files.
  const end = made.kind === "failed" ? made : await runProgram(["sync", "-f", staging], seconds(60));
  if (end.kind === "failed") {
    await rm(staging, { recursive: true, force: true });
    throw new EntryError("ENTRY_DATABASE_START", `entry's database cannot be made in ${folders.base}: ${end.reason}`);
  }
  await rename(staging, folders.data);
  const folder = await open(folders.base);
  await folder.sync();
  await folder.close();
}

/** The kernel tells the server who connects (unix(7), SO_PEERCRED): this process's user, and nobody else. */
export async function writeRules({ rules, owners }: ServerFolders, user: ServerUser): Promise<void> {
  await writeFile(rules, `local all ${databaseUser} peer map=owner\n`, { mode: 0o644 });
  await writeFile(owners, `owner "${user.owner}" ${databaseUser}\n`, { mode: 0o644 });
}
