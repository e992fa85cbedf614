/**
 * Where the own server has its things: below entry's state folder, when the server's user can get there, else in a folder of its own to which a
 * link there leads. Root's state is closed to all others, and stays so.
 *
 *     database/             root's and open to pass through, or the user's own
 *       data/               the server's
 *       sockets/            the server's; where their path would be too long for a socket (unix(7): 107 octets), in `runtime`
 *       programs-VERSION/   of the library, when they are
 *       rules, owners       who may connect, and as whom
 */
import { createHash } from "node:crypto";
import { chmod, lchown, lstat, mkdir, mkdtemp, readlink, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";
import type { ServerPlaces } from "../../pure/server-settings.ts";
import { runProgram } from "./run-program.ts";
import type { ServerUser } from "./server-user.ts";

export interface FolderChoice {
  /** Entry's state folder; made where it is not. */
  readonly state: string;
  /** Where data of root's go when its state is closed to the server's user: a folder that all may pass through, as /var/lib/ropewalk-entry. */
  readonly elsewhere: string;
  /** For sockets whose path would be too long. */
  readonly runtime: string;
}

export interface ServerFolders extends ServerPlaces {
  readonly base: string;
}

export const serverPort = 5432;
const longestSocket = 107;

/** Throws ENTRY_DATABASE_START. */
export async function prepareFolders(choice: FolderChoice, user: ServerUser): Promise<ServerFolders> {
  try {
    await mkdir(choice.state, { recursive: true, mode: 0o700 });
    const base = await prepareBase(choice, user);
    const sockets = socketFolder(base, choice.runtime);
    await mkdir(dirname(sockets), { recursive: true, mode: 0o755 });
    await ensureFolder(sockets, user);
    return { base, data: join(base, "data"), sockets, rules: join(base, "rules"), owners: join(base, "owners") };
  } catch (error) {
    if (error instanceof EntryError) throw error;
    throw new EntryError("ENTRY_DATABASE_START", `cannot make the folders of entry's database below ${choice.state}`, {
      cause: error,
    });
  }
}

async function prepareBase({ state, elsewhere }: FolderChoice, user: ServerUser): Promise<string> {
  const own = join(state, "database");
  const there = await lstat(own).catch(() => undefined);
  if (there === undefined) {
    if (!user.isOther || (await canPass(state, user))) await mkdir(own, { mode: 0o700 });
    else await symlink(await newFolder(elsewhere), own);
  }
  const base = there?.isDirectory() ? await realpath(own) : await readlink(own).catch(() => realpath(own));
  await refuseForeign(base);
  await chmod(base, user.isOther ? 0o711 : 0o700);
  if (user.isOther && !(await canPass(base, user)))
    throw new EntryError(
      "ENTRY_DATABASE_START",
      `the user ${user.uid}, as whom entry's database runs, cannot get to ${base}. Let others pass through the folders above it, or choose another ROPEWALK_STATE_DIR.`,
    );
  return base;
}

async function newFolder(elsewhere: string): Promise<string> {
  await mkdir(elsewhere, { recursive: true, mode: 0o711 });
  await chmod(elsewhere, 0o711);
  return mkdtemp(join(await realpath(elsewhere), "database-"));
}

/** In a folder of another's, he could put his own things in the places of ours. */
async function refuseForeign(base: string): Promise<void> {
  const { uid, mode } = await lstat(base);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new EntryError(
      "ENTRY_DATABASE_START",
      `${base} is to hold entry's database, and others than its user may write there. Give it to that user alone.`,
    );
}

async function canPass(folder: string, user: ServerUser): Promise<boolean> {
  return (await runProgram([...user.words, "test", "-x", folder], seconds(5))).kind === "done";
}

function socketFolder(base: string, runtime: string): string {
  const name = createHash("sha256").update(base).digest("hex").slice(0, 12);
  const places = [join(base, "sockets"), join(runtime, `database-${name}`)];
  const fit = places.find((place) => Buffer.byteLength(join(place, `.s.PGSQL.${serverPort}`)) <= longestSocket);
  if (fit !== undefined) return fit;
  const advice = "Choose a shorter folder with ROPEWALK_STATE_DIR or ROPEWALK_RUNTIME_DIR";
  throw new EntryError(
    "ENTRY_DATABASE_START",
    `the path of the database's socket would be too long below ${base}. ${advice}.`,
  );
}

/** Makes it where it is not; it is the server's, and nobody else's. */
export async function ensureFolder(path: string, user: ServerUser): Promise<void> {
  const isThere = await lstat(path).catch(() => undefined);
  if (isThere === undefined) await mkdir(path, { mode: 0o700 });
  await lchown(path, user.uid, user.gid);
}
