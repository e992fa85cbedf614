/** Own servers in folders that go away with the test, and databases on them. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "@ropewalk/entry/io/database";
import { type DatabaseLimits, usualLimits } from "@ropewalk/entry/io/database-limits";
import { OwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { type ProgramPlaces, usualPlaces } from "@ropewalk/entry/io/own-server/programs";
import { type FolderChoice, prepareFolders } from "@ropewalk/entry/io/own-server/server-folders";
import { findServerUser } from "@ropewalk/entry/io/own-server/server-user";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import { createSystemClock } from "@ropewalk/kernel/system-clock";

export const clock = createSystemClock();
export const deps = { clock, chance: Math.random };

export interface Place extends Disposable {
  readonly root: string;
  readonly choice: FolderChoice;
  /** What the server and its keeper said. */
  readonly said: string[];
}

/** Others may pass through the root of it, and not into the state. */
export function place(): Place {
  const root = mkdtempSync(join(tmpdir(), "entry-"));
  chmodSync(root, 0o755);
  const choice = { state: join(root, "state"), elsewhere: join(root, "elsewhere"), runtime: join(root, "run") };
  return { root, choice, said: [], [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Data as the machine's PostgreSQL leaves them after a first start, where the gate has kept some: to make them is most of a test. */
const keptData = process.env["TESTED_DATABASE"];

/** A place where a server of the machine's was before. */
export async function usedPlace(): Promise<Place> {
  const where = place();
  if (keptData === undefined) await (await startServer(where))[Symbol.asyncDispose]();
  else copyData(keptData, await dataOf(where));
  where.said.length = 0;
  return where;
}

/** Makes what `keptData` is. */
export async function keepData(folder: string): Promise<void> {
  using where = place();
  await (await startServer(where))[Symbol.asyncDispose]();
  copyData(await dataOf(where), folder);
}

/** Whose they are stays. */
function copyData(from: string, to: string): void {
  execFileSync("cp", ["--archive", from, to]);
}

async function dataOf({ choice }: Place): Promise<string> {
  return (await prepareFolders(choice, await findServerUser())).data;
}

export async function machineOnly(): Promise<ProgramPlaces> {
  return { ...(await usualPlaces(process.env["PATH"] ?? "")), library: undefined };
}

export async function libraryOnly(): Promise<ProgramPlaces> {
  return { ...(await usualPlaces("")), machine: [] };
}

export async function startServer({ choice, said }: Place, programs?: ProgramPlaces): Promise<OwnServer> {
  const log = {
    info: (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`),
    warn: (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`),
  };
  return OwnServer.start(choice, programs ?? (await machineOnly()), { ...deps, log });
}

/** A server and the folder that it is in, which goes after it. */
export async function serverInPlace(programs?: ProgramPlaces) {
  const stack = new AsyncDisposableStack();
  const where = stack.use(programs === undefined && keptData !== undefined ? await usedPlace() : place());
  try {
    const server = stack.use(await startServer(where, programs));
    return { where, server, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** An empty database of its own on the server. */
export async function freshDatabase(server: Pick<OwnServer, "settings">, limits: Partial<DatabaseLimits> = {}) {
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  await using first = new Database(server.settings, deps);
  await using connection = await first.alone();
  await connection.rows(`create database ${name}`);
  const settings: DatabaseSettings = { ...server.settings, database: name };
  return { settings, database: new Database(settings, deps, { ...usualLimits, ...limits }) };
}
