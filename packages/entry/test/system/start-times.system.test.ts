/** How soon entry's own database answers, with either source of its programs: what a person waits for at the first start, and at every later one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Database } from "@ropewalk/entry/io/database";
import type { ProgramPlaces } from "@ropewalk/entry/io/own-server/programs";
import { deps, libraryOnly, machineOnly, type Place, place, startServer } from "./server-place.ts";

for (const [what, programs] of [
  ["machine's", machineOnly],
  ["library's", libraryOnly],
] as const) {
  test(`the ${what} PostgreSQL answers within three seconds the first time, and within one after that`, async (t) => {
    const [firsts, laters]: [number[], number[]] = [[], []];
    // Of two tries the better one: others use the machine, too.
    for (let time = 0; time < 2; time += 1) {
      using where = place();
      firsts.push(await started(where, await programs()));
      laters.push(await started(where, await programs()));
    }
    t.diagnostic(`first ${firsts.join(" and ")}, later ${laters.join(" and ")} ms`);
    assert.ok(Math.min(...firsts) <= 3_000, `first ${firsts.join(" and ")} ms`);
    assert.ok(Math.min(...laters) <= 1_000, `later ${laters.join(" and ")} ms`);
  });
}

/** Milliseconds until it answers. */
async function started(where: Place, programs: ProgramPlaces): Promise<number> {
  const began = performance.now();
  await using server = await startServer(where, programs);
  await using database = new Database(server.settings, deps);
  await database.version();
  return Math.round(performance.now() - began);
}
