/**
 * Ends what still runs on a folder of data whose owner is gone. Every process of a PostgreSQL server works in its folder of data, which is how they
 * are known: a number in a file may by now be another process's. Only who holds the lock of the data may call this.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { EntryError } from "../../errors.ts";

/** Of a stronger signal, after the time given for a weaker one. */
const signals: readonly (readonly [NodeJS.Signals, Millis])[] = [
  // pg_ctl(1): fast, then immediate. The main process passes both on.
  ["SIGINT", seconds(10)],
  ["SIGQUIT", seconds(5)],
  ["SIGKILL", seconds(5)],
];
const looking = millis(10);

/** How many processes were there. Throws ENTRY_DATABASE_HELD when one cannot be ended. */
export async function endLeftovers(dataFolder: string, clock: Clock): Promise<number> {
  const found = workersIn(dataFolder);
  for (const [signal, patience] of signals) {
    if (await endBy(signal, patience, dataFolder, clock)) {
      // The number in it may belong to somebody else now, and the server would then refuse to start.
      await rm(join(dataFolder, "postmaster.pid"), { force: true });
      return found.length;
    }
  }
  throw new EntryError(
    "ENTRY_DATABASE_HELD",
    `processes ${workersIn(dataFolder).join(", ")} use entry's database in ${dataFolder} and do not end. End them, then start again.`,
  );
}

async function endBy(signal: NodeJS.Signals, patience: Millis, dataFolder: string, clock: Clock): Promise<boolean> {
  const workers = workersIn(dataFolder);
  const main = mainProcess(dataFolder);
  // Its own would only lose their connections; without it, each is asked by itself.
  const asked = signal !== "SIGKILL" && main !== undefined && workers.includes(main) ? [main] : workers;
  for (const pid of asked) send(pid, signal);
  for (const end = clock.now() + patience; workersIn(dataFolder).length > 0; ) {
    if (clock.now() > end) return false;
    await sleep(clock, "look for what is left of a database", looking);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours: who looks again sees which.
  }
}

function mainProcess(dataFolder: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataFolder, "postmaster.pid"), "utf8"), 10);
  } catch {
    return undefined;
  }
}

function workersIn(dataFolder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, dataFolder));
}

/** Where the link of another user's process may not be read (root without CAP_SYS_PTRACE), the words of the main one tell. */
function worksIn(pid: number, dataFolder: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() !== "postgres") return false;
    return readlinkSync(`/proc/${pid}/cwd`) === dataFolder;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EACCES")) return false;
    return wordsOf(pid).some((word, at, words) => word === "-D" && words[at + 1] === dataFolder);
  }
}

function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
