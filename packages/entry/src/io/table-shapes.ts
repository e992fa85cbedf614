/** The tables that a database has, asked of itself: what a backup takes, and in which order it is put back. */
import { InternalError } from "@ropewalk/kernel/errors";
import { orderTables, type TableReference } from "../pure/table-order.ts";
import type { LoneConnection } from "./lone-connection.ts";

export interface TableShape {
  readonly name: string;
  /** Without those that the database makes up itself. */
  readonly columns: readonly string[];
}

/** Without the one of migrations, each behind those that it points to. */
export async function tableShapes(connection: LoneConnection): Promise<readonly TableShape[]> {
  const shapes = await connection.rows<TableShape>(`
    select r.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class r join pg_attribute a on a.attrelid = r.oid
    where r.relnamespace = current_schema()::regnamespace and r.relkind = 'r' and r.relname <> 'ropewalk_migrations'
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by r.relname`);
  const references = await connection.rows<TableReference>(`
    select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint
    where contype = 'f' and connamespace = current_schema()::regnamespace`);
  const order = orderTables(
    shapes.map(({ name }) => name),
    references,
  );
  if (order === undefined) throw new InternalError("tables point to each other in a circle");
  return order.map((name) => ({ name, columns: shapes.find((shape) => shape.name === name)?.columns ?? [] }));
}

/** Whether there is nothing in it but what extensions brought. */
export async function isEmpty(connection: LoneConnection): Promise<boolean> {
  const found = await connection.rows(`
    select from pg_class r where r.relnamespace = current_schema()::regnamespace
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = r.oid and d.deptype = 'e')
    limit 1`);
  return found.length === 0;
}

/** What is counted goes on where the rows end. */
export async function continueCounters(connection: LoneConnection): Promise<void> {
  const counted = await connection.rows<{ readonly table: string; readonly column: string }>(`
    select r.relname::text as table, a.attname::text as column from pg_class r join pg_attribute a on a.attrelid = r.oid
    where r.relnamespace = current_schema()::regnamespace and r.relkind = 'r' and a.attidentity <> ''`);
  for (const { table, column } of counted) {
    const [from, what] = [quoted(table), quoted(column)];
    await connection.rows(
      `select setval(pg_get_serial_sequence('${from}', '${column}'), coalesce(max(${what}), 0) + 1, false) from ${from}`,
    );
  }
}

/** A name as SQL takes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
