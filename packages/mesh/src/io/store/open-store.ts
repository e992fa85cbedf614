/** Opens the store's file, new or kept; a damaged one is set aside, and what can be saved of it goes on in its place. */
import { statSync } from "node:fs";
import { describeError } from "@ropewalk/kernel/errors";
import { DamagedContent } from "@ropewalk/ops/store-errors";
import type { StoreTime } from "../../pure/messages/store-time.ts";
import { lastTime } from "./expire-statements.ts";
import { beginNumbers } from "./inbox-numbers.ts";
import { salvage } from "./salvage.ts";
import { StoreDatabase } from "./store-database.ts";
import { isDamaged, openError } from "./store-failures.ts";
import type { OpenedFile, Salvaged } from "./store-messages.ts";
import { makeFile, prepareFiles, removeStore, savedPath, takePlace } from "./store-places.ts";

const leastSize = 512;

export interface OpenedStore {
  readonly database: StoreDatabase;
  readonly file: OpenedFile;
}

/** `wall`: milliseconds since 1970. Throws MeshError: MESH_STORE, MESH_STORE_HELD. */
export function openStore(path: string, wall: number): OpenedStore {
  try {
    const found = prepareFiles(path, wall);
    const { database, salvaged } = openOrSalvage(path, wall);
    const start = salvaged === undefined ? found : "salvaged";
    return { database, file: { start, salvaged, lastTime: begun(database, wall) } };
  } catch (error) {
    throw openError(path, error);
  }
}

/** As far as its time had come. It is closed again where it cannot be used. */
function begun(database: StoreDatabase, wall: number): StoreTime {
  try {
    beginNumbers(database, wall);
    return lastTime(database);
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

function openOrSalvage(
  path: string,
  wall: number,
): { readonly database: StoreDatabase; readonly salvaged: Salvaged | undefined } {
  try {
    const { size } = statSync(path);
    // What is shorter than any, SQLite takes for none.
    if (size > 0 && size < leastSize) throw new DamagedContent(`${size} octets are no store`);
    return { database: new StoreDatabase(path), salvaged: undefined };
  } catch (error) {
    if (!isDamaged(error)) throw error;
    return { salvaged: salvageInPlace(path, wall, describeError(error)), database: new StoreDatabase(path) };
  }
}

/** The store at `path` must not be open. `reason`: what was found to be wrong with it. */
export function salvageInPlace(path: string, wall: number, reason: string): Salvaged {
  const saved = savedPath(path);
  removeStore(saved);
  makeFile(saved);
  const tables = salvage(path, saved, wall);
  return { aside: takePlace(path, wall), reason, tables };
}
