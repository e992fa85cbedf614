/**
 * As whom the own server runs. PostgreSQL refuses to run as root: whoever may write its tables could make it do anything. So root's server runs
 * as "postgres", or as "nobody" where that is not. The kernel sends it SIGINT, a fast shutdown, when the process that started it ends, however
 * it ends. Source: setpriv(1), prctl(2) on PR_SET_PDEATHSIG.
 */
import { userInfo } from "node:os";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";
import { runProgram } from "./run-program.ts";

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  /** Whether it is another than this process's. */
  readonly isOther: boolean;
  /** The name of this process's own. */
  readonly owner: string;
  /** The words before a program's that make it this user's. */
  readonly words: readonly string[];
}

const others = ["postgres", "nobody"];

/** Throws ENTRY_DATABASE_PROGRAMS where there is none. */
export async function findServerUser(): Promise<ServerUser> {
  const { uid, gid, username: owner } = ownUser();
  if (uid !== 0) return { uid, gid, isOther: false, owner, words: [] };
  for (const name of others) {
    const other = await idsOf(name);
    if (other === undefined) continue;
    const words = ["setpriv", `--reuid=${other.uid}`, `--regid=${other.gid}`, "--clear-groups"];
    return { ...other, isOther: true, owner, words };
  }
  throw new EntryError(
    "ENTRY_DATABASE_PROGRAMS",
    `PostgreSQL does not run as root, and this machine has none of the users ${others.join(", ")}. Make one, or name a server's address.`,
  );
}

/** The words that start a program which ends with this process. */
export function boundTo(user: ServerUser, program: readonly string[]): readonly string[] {
  return ["setpriv", ...user.words.slice(1), "--pdeathsig=INT", "--", ...program];
}

function ownUser(): { readonly uid: number; readonly gid: number; readonly username: string } {
  try {
    return userInfo();
  } catch (error) {
    const what = "this process's user has no name on this machine, and PostgreSQL needs one";
    throw new EntryError("ENTRY_DATABASE_PROGRAMS", `${what}. Name it in /etc/passwd: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** Undefined for one that is not there, and for another root. Source: POSIX.1-2024, id, "STDOUT". */
async function idsOf(name: string): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  const end = await runProgram(["id", name], seconds(5));
  const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(end.kind === "done" ? end.output : "") ?? [];
  const ids = { uid: Number(uid), gid: Number(gid) };
  return ids.uid > 0 && ids.gid > 0 ? ids : undefined;
}
