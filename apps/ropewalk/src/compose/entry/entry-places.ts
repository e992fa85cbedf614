/** The folders of entry, and that no other process has them. */
import { join } from "node:path";
import type { FolderChoice } from "@ropewalk/entry/io/own-server/server-folders";
import type { CommandContext } from "../../command-context.ts";
import { ensureOwnDirectory } from "../../machine/own-directory.ts";
import { holdStateLock } from "../../machine/state-lock.ts";
import { runtimeDirectory, stateDirectory } from "../../paths.ts";

export interface EntryPlaces {
  /** Below the state folder; entry's alone. */
  readonly state: string;
  /** Of its own database. */
  readonly database: FolderChoice;
}

export function entryPlaces(context: Pick<CommandContext, "environment" | "user">): EntryPlaces {
  const state = join(stateDirectory(context).path, "entry");
  const runtime = runtimeDirectory(context).path;
  return { state, database: { state, elsewhere: "/var/lib/ropewalk-entry", runtime } };
}

/** Held until disposed. Throws APP_ALREADY_RUNNING, and APP_DIRECTORY, without which no key could be kept. */
export function claimEntryPlaces(context: CommandContext): EntryPlaces & Disposable {
  const { uid } = context.user;
  const places = entryPlaces(context);
  ensureOwnDirectory(stateDirectory(context), uid, "entry's state", "ROPEWALK_STATE_DIR");
  ensureOwnDirectory({ path: places.state, mode: 0o700, parent: "own" }, uid, "entry's state", "ROPEWALK_STATE_DIR");
  ensureOwnDirectory(runtimeDirectory(context), uid, "entry's sockets", "ROPEWALK_RUNTIME_DIR");
  const lock = holdStateLock(places.state);
  return { ...places, [Symbol.dispose]: () => lock?.[Symbol.dispose]() };
}
