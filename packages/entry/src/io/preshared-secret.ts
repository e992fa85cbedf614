/**
 * Whether a replica has the secret that the others have: the database knows its fingerprint from the first one's start on. Where no node may have a
 * placement the secret may be another one from then on.
 */
import { CompiledQuery } from "kysely";
import type { Database } from "./database.ts";

const noteText = `/* note_preshared_secret */ with noted as (
    insert into preshared_secret as p (fingerprint) values ($1)
    on conflict on constraint preshared_secret_pkey do update
      set fingerprint = excluded.fingerprint, noted_at = clock_timestamp()
      where not exists (select from placements where role <> 'released') or p.fingerprint = excluded.fingerprint
    returning 1)
  select exists (select from noted) as is_the_one`;

/** Throws EntryError. */
export async function isPresharedSecret(database: Database, fingerprint: Uint8Array): Promise<boolean> {
  const { rows } = await database.kysely.executeQuery(CompiledQuery.raw(noteText, [fingerprint]));
  return (rows as readonly { readonly is_the_one: boolean }[]).some((row) => row.is_the_one);
}
