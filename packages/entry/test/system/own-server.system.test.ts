/** The database that entry runs itself: on real PostgreSQL, of both sources, by root and by another user, and what is left when either dies. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { EntryError } from "@ropewalk/entry/errors";
import { Database } from "@ropewalk/entry/io/database";
import type { ProgramPlaces } from "@ropewalk/entry/io/own-server/programs";
import { findServerUser } from "@ropewalk/entry/io/own-server/server-user";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import { type ServerPlaces, serverArguments } from "@ropewalk/entry/pure/server-settings";
import { sql } from "kysely";
import { until } from "./condition.ts";
import { deps, libraryOnly, machineOnly, type Place, place, startServer, usedPlace } from "./server-place.ts";

const isRoot = process.getuid?.() === 0;
const rootOnly = isRoot ? {} : { skip: "needs root" };
const sourceFlags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
const base = ({ choice }: Place) => {
  const own = join(choice.state, "database");
  return lstatSync(own).isSymbolicLink() ? readlinkSync(own) : own;
};

async function note(settings: DatabaseSettings, text: string): Promise<void> {
  await using database = new Database(settings, deps);
  await using connection = await database.alone();
  await connection.rows("create table if not exists notes (note text)");
  await connection.rows("insert into notes values ($1)", [text]);
}

async function notes(settings: DatabaseSettings): Promise<readonly string[]> {
  await using database = new Database(settings, deps);
  await using connection = await database.alone();
  return (await connection.rows<{ readonly note: string }>("select note from notes order by note")).map(
    (row) => row.note,
  );
}

/** Processes that work below a folder. */
function working(folder: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    });
}

interface Owner extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly told: { readonly pid: number; readonly took: number; readonly socket: string };
}

async function owner(
  words: readonly string[],
  root: string,
  main = fileURLToPath(new URL("./owner-main.ts", import.meta.url)),
  source = "machine",
): Promise<Owner> {
  const [program = "", ...rest] = [...words, process.execPath, ...sourceFlags, main, root, source];
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"], cwd: "/" });
  const exited = once(child, "exit");
  const end = async () => {
    child.kill("SIGKILL");
    await exited;
    await until("nothing works there any more", () => working(root).length === 0);
  };
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), exited.then(() => [""])]);
  if (!String(line).startsWith("{")) {
    await end();
    assert.fail("the owner did not start its server");
  }
  return { child, told: JSON.parse(String(line)), [Symbol.asyncDispose]: end };
}

const sources: readonly (readonly [string, () => Promise<ProgramPlaces>, number])[] = [
  ["the machine's PostgreSQL", machineOnly, 15],
  ["the library's PostgreSQL", libraryOnly, 18],
];

for (const [what, programs, major] of sources) {
  test(`${what} keeps what was written for the next start, ends in good order, and leaves nothing running`, async () => {
    using where = place();
    for (const time of ["first", "second"]) {
      await using server = await startServer(where, await programs());
      await using database = new Database(server.settings, deps);
      assert.ok((await database.version()) >= major * 10_000);
      await note(server.settings, time);
      assert.ok((await notes(server.settings)).includes("first"));
    }
    assert.deepEqual(working(where.root), []);
    const last = where.said.findLast((line) => line.includes("the database says"));
    assert.match(last ?? "", /database system is shut down/);
  });
}

test("root's server runs as another user, who owns its data and nothing beside them", rootOnly, async () => {
  using where = await usedPlace();
  await using server = await startServer(where);
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  assert.doesNotMatch(status, /^Uid:\s+0\b/m);
  assert.match(status, /^CapEff:\s+0+$/m);
  assert.equal(lstatSync(where.choice.state).mode & 0o777, 0o700);
  assert.equal(lstatSync(base(where)).uid, 0);
  assert.notEqual(lstatSync(join(base(where), "data")).uid, 0);
  assert.equal(lstatSync(join(base(where), "data")).mode & 0o777, 0o700);
});

test(
  "nobody but its owner gets to the server: not by a port, not through the socket, and not by another name",
  rootOnly,
  async () => {
    using where = await usedPlace();
    await using server = await startServer(where);
    const socket = join(server.settings.host, ".s.PGSQL.5432");
    assert.equal(lstatSync(socket).mode & 0o777, 0o700);
    const listening = readFileSync(`/proc/${server.pid}/net/tcp`, "utf8").match(/:1538 /g) ?? [];
    assert.deepEqual(listening, []);
    await using stranger = new Database({ ...server.settings, user: "postgres" }, deps);
    await assert.rejects(stranger.version(), { code: "ENTRY_DATABASE_REFUSED" });
  },
);

test("a second start beside a running one is told so, and harms nothing", async () => {
  using where = await usedPlace();
  await using server = await startServer(where);
  await assert.rejects(startServer(where), {
    code: "ENTRY_DATABASE_HELD",
    message: /another Ropewalk runs the database/,
  });
  await note(server.settings, "still here");
});

test("a server that is killed comes back, with what was committed, for those who ask through the same connections", async () => {
  using where = await usedPlace();
  await using server = await startServer(where);
  await using database = new Database(server.settings, deps);
  await note(server.settings, "committed");
  await database.version();
  const killed = server.pid ?? 0;
  process.kill(killed, "SIGKILL");
  await until("another server", () => server.pid !== undefined && server.pid !== killed);
  await until("it answers", () =>
    database.version().then(
      () => true,
      () => false,
    ),
  );
  assert.deepEqual(await notes(server.settings), ["committed"]);
});

test("kill -9 of its owner ends the server in good order, and the next start finds all that was committed", async () => {
  using where = await usedPlace();
  await using dead = await owner([], where.root);
  const settings: DatabaseSettings = {
    ...{ host: dead.told.socket, port: 5432, database: "postgres", user: "entry", password: undefined },
    tls: { mode: "disable", authorities: undefined, certificate: undefined, key: undefined },
  };
  await note(settings, "before the end");
  await dead[Symbol.asyncDispose]();
  await using server = await startServer(where);
  assert.deepEqual(await notes(server.settings), ["before the end"]);
  assert.ok(
    where.said.some((line) => line.includes("database system was shut down at")),
    "it need not be recovered",
  );
});

test("a server that nobody owns any more is ended by the next start", async () => {
  using where = place();
  {
    await using first = await startServer(where);
    await note(first.settings, "kept");
  }
  const user = await findServerUser();
  const folder = base(where);
  const places = {
    ...{ data: join(folder, "data"), sockets: join(folder, "sockets") },
    ...{ rules: join(folder, "rules"), owners: join(folder, "owners") },
  };
  const words = [...user.words, ...unowned(await machineOnly(), places)];
  const orphan = spawn(words[0] ?? "", words.slice(1), { cwd: "/", stdio: "ignore", detached: true });
  const exited = once(orphan, "exit");
  try {
    const ready = () => readFileSync(join(places.data, "postmaster.pid"), "utf8").includes("ready");
    await until("it is ready", () => existsSync(join(places.data, "postmaster.pid")) && ready());
    await using server = await startServer(where);
    await exited;
    assert.ok(where.said.some((line) => line.startsWith("a database without an owner was ended")));
    assert.deepEqual(await notes(server.settings), ["kept"]);
  } finally {
    orphan.kill("SIGKILL");
  }
});

/** The words of a server that does not end with who started it. */
function unowned({ machine }: ProgramPlaces, places: ServerPlaces): readonly string[] {
  const folder = machine.find((one) => existsSync(join(one, "postgres"))) ?? "";
  return [join(folder, "postgres"), ...serverArguments(15, places)];
}

test("a number in postmaster.pid that belongs to somebody else by now does not keep the server from starting", async () => {
  using where = await usedPlace();
  await using first = await owner([], where.root);
  await first[Symbol.asyncDispose]();
  writeFileSync(join(base(where), "data/postmaster.pid"), `${process.pid}\n${join(base(where), "data")}\n1\n5432\n\n`, {
    mode: 0o600,
  });
  await using server = await startServer(where);
  await note(server.settings, "started");
});

test("a first start that was cut short begins anew", async () => {
  using where = await usedPlace();
  rmSync(join(base(where), "data"), { recursive: true });
  mkdirSync(join(base(where), "data.new/base"), { recursive: true });
  await using server = await startServer(where);
  await note(server.settings, "started");
});

test("data of a version that no program here can read are told, and are not touched", async () => {
  using where = await usedPlace();
  await assert.rejects(startServer(where, await libraryOnly()), {
    code: "ENTRY_DATABASE_PROGRAMS",
    message: /are of PostgreSQL 15, and this machine has: 18/,
  });
  assert.equal(readFileSync(join(base(where), "data/PG_VERSION"), "utf8").trim(), "15");
});

test("without any PostgreSQL the reason says what to install", async () => {
  using where = place();
  const none = { machine: ["/nowhere"], library: undefined };
  await assert.rejects(startServer(where, none), {
    code: "ENTRY_DATABASE_PROGRAMS",
    message: /PostgreSQL 15 or later, .* none/,
  });
});

test("a state folder whose path is too long for a socket gets its socket elsewhere", async () => {
  using where = place();
  const choice = {
    ...where.choice,
    state: join(where.root, "s".repeat(100)),
    elsewhere: join(where.root, "e".repeat(100)),
  };
  await using server = await startServer({ ...where, choice });
  assert.ok(server.settings.host.startsWith(where.choice.runtime));
  await note(server.settings, "reached");
});

for (const source of ["machine", "library"]) {
  test(
    `a user who is not root runs the ${source}'s, in a clone below a home that is closed to all others`,
    rootOnly,
    async () => {
      using where = place();
      const home = join(where.root, "home");
      mkdirSync(home, { mode: 0o700 });
      chownSync(home, 65_534, 65_534);
      const repository = resolve(fileURLToPath(new URL("../../../..", import.meta.url)));
      // The clone is this one, seen at a place that only he can get to.
      const clone = join(home, "clone");
      mkdirSync(clone);
      const script =
        'mount --bind "$1" "$2" && shift 2 && exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"';
      const words = ["unshare", "--mount", "sh", "-c", script, "sh", repository, clone];
      const main = join(clone, "packages/entry/test/system/owner-main.ts");
      await using running = await owner(words, home, main, source);
      assert.equal(lstatSync(join(home, "state/database/data")).uid, 65_534);
      assert.match(readFileSync(`/proc/${running.told.pid}/status`, "utf8"), /^Uid:\s+65534\b/m);
    },
  );
}

test(
  "root's clone below a closed home runs the library's from where the server's user can reach them",
  rootOnly,
  async () => {
    using where = place();
    const home = join(where.root, "home");
    mkdirSync(home, { mode: 0o700 });
    const { library = "" } = await libraryOnly();
    cpSync(library, join(home, "library"), { recursive: true });
    chmodSync(home, 0o700);
    const choice = { ...where.choice, state: join(home, "state") };
    await using server = await startServer({ ...where, choice }, { machine: [], library: join(home, "library") });
    assert.ok(readlinkSync(join(home, "state/database")).startsWith(where.choice.elsewhere));
    await note(server.settings, "reached");
  },
);

test(
  "a full disk is told as such, or as a database that is down, and both are over when there is room again",
  rootOnly,
  async () => {
    using where = place();
    // Its own mount, which ends with its processes.
    const script = 'mkdir "$1" && mount -t tmpfs -o size=112m,mode=0711 none "$1" && shift && exec "$@"';
    await using running = await owner(
      ["unshare", "--mount", "sh", "-c", script, "sh", where.choice.elsewhere],
      where.root,
    );
    const inside = `/proc/${running.child.pid}/root`;
    const settings: DatabaseSettings = {
      ...{
        host: `${inside}${running.told.socket}`,
        port: 5432,
        database: "postgres",
        user: "entry",
        password: undefined,
      },
      tls: { mode: "disable", authorities: undefined, certificate: undefined, key: undefined },
    };
    await note(settings, "before");
    const filler = `${inside}${where.choice.elsewhere}/filler`;
    await using database = new Database(settings, deps);
    const fill = () =>
      database.transaction(async (tables) => {
        for (let time = 0; time < 100; time += 1)
          await sql`insert into notes select repeat(md5(n::text), 30) from generate_series(1, 1000) n`.execute(tables);
      });
    const isRefusing = () =>
      note(settings, "again").then(
        () => false,
        (error: EntryError) => error.code === "ENTRY_DATABASE_DOWN",
      );
    fillUp(filler);
    await assert.rejects(fill(), { code: "ENTRY_DATABASE_FULL", message: /disk is full; make room/ });
    rmSync(filler);
    await note(settings, "between");
    fillUp(filler);
    // The next write needs a new file of the log, without which the server cannot go on.
    await sql`select pg_switch_wal()`.execute(database.kysely).catch(() => {});
    await until("it refuses", isRefusing);
    rmSync(filler);
    await until("it takes again", () =>
      note(settings, "after").then(
        () => true,
        () => false,
      ),
    );
    const kept = new Set(await notes(settings));
    for (const text of ["before", "between", "after"]) assert.ok(kept.has(text), text);
  },
);

function fillUp(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const octets of [2 ** 20, 4096]) {
      try {
        for (;;) writeSync(file, new Uint8Array(octets));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
      }
    }
  } finally {
    closeSync(file);
  }
}
