/** How files were before Ropewalk changed them, in the node's local store: on disk before the first change of each. */
import type { Store, StoreRow } from "@ropewalk/ops/store";
import type { FileShape } from "./file-replacement.ts";

/** The store's migrations that this journal needs, in order. */
export const fileJournalMigrations: readonly string[] = [
  `CREATE TABLE backhaul_changed_files (
     path TEXT PRIMARY KEY,
     original BLOB,
     mode INTEGER NOT NULL,
     user_id INTEGER NOT NULL,
     group_id INTEGER NOT NULL
   ) STRICT`,
];

export interface OriginalFile {
  readonly path: string;
  /** Undefined when there was no file. */
  readonly original: { readonly content: Uint8Array; readonly shape: FileShape } | undefined;
}

/** Survives whatever ends the process. Every method throws when it cannot do what it says. */
export interface FileJournal {
  all(): readonly OriginalFile[];
  put(file: OriginalFile): void;
  remove(path: string): void;
}

/** `store` must be durable when `run` returns. What it throws, the journal throws. */
export function createFileJournal(store: Pick<Store, "all" | "run">): FileJournal {
  return {
    all: () =>
      store.all("SELECT path, original, mode, user_id, group_id FROM backhaul_changed_files ORDER BY path").map(fileOf),
    put({ path, original }) {
      const { mode, user, group } = original?.shape ?? { mode: 0, user: 0, group: 0 };
      store.run(
        "INSERT OR REPLACE INTO backhaul_changed_files (path, original, mode, user_id, group_id) VALUES (?, ?, ?, ?, ?)",
        ...[path, original?.content ?? null, mode, user, group],
      );
    },
    remove(path) {
      store.run("DELETE FROM backhaul_changed_files WHERE path = ?", path);
    },
  };
}

function fileOf(row: StoreRow): OriginalFile {
  const content = row["original"];
  const shape = { mode: Number(row["mode"]), user: Number(row["user_id"]), group: Number(row["group_id"]) };
  return {
    path: String(row["path"]),
    original: content instanceof Uint8Array ? { content, shape } : undefined,
  };
}
