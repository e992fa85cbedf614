/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type EntryErrorCode =
  /** What was given as the database's address cannot be one, or a file that it names cannot be read. */
  | "ENTRY_DATABASE_SETTINGS"
  /** No PostgreSQL that can be used is on this machine. */
  | "ENTRY_DATABASE_PROGRAMS"
  /** Another process runs this database. */
  | "ENTRY_DATABASE_HELD"
  /** The own server does not start. */
  | "ENTRY_DATABASE_START"
  /** The database does not answer, or the connection broke before anything was committed. */
  | "ENTRY_DATABASE_DOWN"
  /** The connection broke while a transaction was being committed: it may have been, and may not. */
  | "ENTRY_DATABASE_UNSURE"
  /** The database's disk is full. What was committed is unharmed. */
  | "ENTRY_DATABASE_FULL"
  /** A connection, a lock or an answer was waited for as long as anybody waits. */
  | "ENTRY_DATABASE_BUSY"
  /** A constraint, which `constraint` names, refuses it. */
  | "ENTRY_DATABASE_CONFLICT"
  /** Others changed the same rows each time that it was tried. */
  | "ENTRY_DATABASE_CONTENDED"
  /** The database refuses it for another reason, a wrong password among them. */
  | "ENTRY_DATABASE_REFUSED"
  /** This replica is stopping, and takes nothing more. */
  | "ENTRY_STOPPING"
  /** The files of migrations are not in order. */
  | "ENTRY_MIGRATION_FILES"
  /** A migration that was applied is not the one that this program knows. */
  | "ENTRY_MIGRATION_CHANGED"
  /** A newer Ropewalk has migrated the database. */
  | "ENTRY_MIGRATION_NEWER"
  /** A migration failed, and has changed nothing. */
  | "ENTRY_MIGRATION_FAILED"
  /** The place where entry is to listen is taken, or may not be used. */
  | "ENTRY_LISTEN"
  /** The file of a backup cannot be written or read. */
  | "ENTRY_BACKUP_FILE"
  /** The file is no backup, or not the whole of one. */
  | "ENTRY_BACKUP_DAMAGED"
  /** A newer Ropewalk, or a changed one, made the backup. */
  | "ENTRY_BACKUP_NEWER"
  /** There is something in the database already. */
  | "ENTRY_RESTORE_NOT_EMPTY";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. */
export class EntryError extends RopewalkError<EntryErrorCode> {
  /** Of ENTRY_DATABASE_CONFLICT: which one. */
  readonly constraint: string | undefined;

  constructor(
    code: EntryErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly constraint?: string } = {},
  ) {
    super(code, message, options);
    this.constraint = options.constraint;
  }
}
