/**
 * What stands in a backup beside its rows, a line of JSON each. A backup is text:
 *
 *     header                      format, the migrations that its tables have
 *     table                       name and columns
 *     rows                        as COPY has them in its text format, a line each
 *     \.                          which no row can be, for COPY writes a backslash as two
 *     table …                     for each table, behind those that it points to
 *     end                         rows of each table, SHA-256 of all octets before this line
 *
 * Source: https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2
 */
import { z } from "zod";
import type { AppliedMigration } from "./migration-plan.ts";

export interface BackupHeader {
  readonly kind: "ropewalk-entry-backup";
  readonly format: number;
  /** For people: ISO 8601. */
  readonly madeAt: string;
  readonly migrations: readonly AppliedMigration[];
}

export interface BackupTable {
  readonly kind: "table";
  readonly table: string;
  readonly columns: readonly string[];
}

export interface BackupEnd {
  readonly kind: "end";
  readonly rows: Readonly<Record<string, number>>;
  readonly sha256: string;
}

const sum = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1).max(63);
const kind = z.literal("ropewalk-entry-backup");
const format = z.int().min(1);
const migration = z.strictObject({ number: z.int().min(1), name: z.string().min(1).max(255), checksum: sum });

const anyFormat = z.looseObject({ kind, format });
const header: z.ZodType<BackupHeader> = z.strictObject({
  ...{ kind, format, madeAt: z.string().max(64) },
  migrations: z.array(migration).min(1).max(10_000),
});
const table: z.ZodType<BackupTable> = z.strictObject({
  ...{ kind: z.literal("table"), table: name },
  columns: z.array(name).min(1).max(1600),
});
const end: z.ZodType<BackupEnd> = z.strictObject({
  ...{ kind: z.literal("end"), sha256: sum },
  rows: z.record(name, z.int().min(0)),
});

export const backupFormat = 1;
export const endOfRows = "\\.";

export type ReadHeader =
  | { readonly kind: "header"; readonly header: BackupHeader }
  | { readonly kind: "newer" | "none" };

/** "newer": of a format that this program does not know. */
export function readHeader(line: string): ReadHeader {
  const written = parsed(line);
  if ((anyFormat.safeParse(written).data?.format ?? 0) > backupFormat) return { kind: "newer" };
  const { data } = header.safeParse(written);
  const isInOrder = data?.migrations.every(({ number }, index) => number === index + 1) === true;
  return data === undefined || !isInOrder ? { kind: "none" } : { kind: "header", header: data };
}

/** Undefined: the line is neither. */
export function readPart(line: string): BackupTable | BackupEnd | undefined {
  return z.union([table, end]).safeParse(parsed(line)).data;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
