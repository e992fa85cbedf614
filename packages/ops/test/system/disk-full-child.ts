/** Fills the file system below a store until the store refuses, and reports on its standard output what it saw. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { openStore, type Store } from "@ropewalk/ops/store";

const folder = process.argv[2] ?? "";
const path = join(folder, "state.db");
const ballast = join(folder, "ballast");
const options = {
  migrations: ["CREATE TABLE event (id INTEGER PRIMARY KEY, text TEXT) STRICT"],
  clock: createSystemClock(),
};
const report: Record<string, unknown> = {};

const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return "no error";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : String(error);
  }
};

/** Writes rows until one fails; how many were stored, and the code of the failure. */
function fill(store: Store): { readonly stored: number; readonly code: unknown } {
  for (let stored = 0; ; stored += 1) {
    const code = codeOf(() => store.run("INSERT INTO event (text) VALUES (?)", "x".repeat(2_000)));
    if (code !== "no error") return { stored, code };
  }
}

writeFileSync(ballast, new Uint8Array(256 * 1024));
{
  using store = openStore(path, options).store;
  const { stored, code } = fill(store);
  report["code"] = code;
  report["lost"] = stored - Number(store.all("SELECT count(*) AS n FROM event")[0]?.["n"]);
  // A checkpoint needs room of its own, and must not lose anything for lack of it.
  report["checkpoint"] = codeOf(() => store.all("PRAGMA wal_checkpoint(TRUNCATE)"));
  report["lostAfterCheckpoint"] = stored - Number(store.all("SELECT count(*) AS n FROM event")[0]?.["n"]);
}
{
  using store = openStore(path, options).store;
  report["integrity"] = store.all("PRAGMA integrity_check")[0]?.["integrity_check"];
  report["kept"] = Number(store.all("SELECT count(*) AS n FROM event")[0]?.["n"]) > 0;
}
report["newStore"] = codeOf(() => openStore(join(folder, "other.db"), options));
rmSync(ballast);
{
  using store = openStore(path, options).store;
  report["afterRoom"] = fill(store).stored > 0;
}
process.stdout.write(JSON.stringify(report));
