/**
 * Changes that were asked with a key, in the database: who works on one, and what was answered. All replicas see the same, so a request may be sent
 * again to any of them. Many are written in one statement.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { sql } from "kysely";
import { Batcher } from "./batcher.ts";
import type { Database } from "./database.ts";

export type Claim =
  /** The caller does it, and nobody else until `claimFor` has passed. `isAgain`: somebody began it before and is gone. */
  | { readonly kind: "mine"; readonly claim: string; readonly isAgain: boolean }
  | { readonly kind: "answered"; readonly status: number; readonly sealed: Uint8Array }
  | { readonly kind: "under-way"; readonly retryIn: Millis }
  /** The key was used for another request. */
  | { readonly kind: "of-another" };

export interface ClaimedChange {
  /** SHA-256. */
  readonly keyHash: Uint8Array;
  /** SHA-256 of all that makes the request what it is. */
  readonly requestHash: Uint8Array;
  /** Drawn for this attempt: whose claim was taken over writes no answer. */
  readonly claim: string;
}

interface GivenAnswer {
  readonly keyHash: Uint8Array;
  readonly claim: string;
  readonly status: number;
  readonly sealed: Uint8Array;
}

/** Longer than a request may take. */
const claimFor = seconds(30);
/** For so long an answer is kept. */
const keptHours = 24;
const usual = { mostInOne: 256, lanes: 2, mostWaiting: 4096 };

export class ChangeClaims {
  readonly #database: Database;
  readonly #claimFor: Millis;
  readonly #claims: Batcher<ClaimedChange, Claim>;
  readonly #answers: Batcher<GivenAnswer, boolean>;

  constructor(database: Database, options: { readonly claimFor?: Millis } = {}) {
    this.#database = database;
    this.#claimFor = options.claimFor ?? claimFor;
    const identity = ({ keyHash }: { readonly keyHash: Uint8Array }) => keyHash.toHex();
    this.#claims = new Batcher<ClaimedChange, Claim>({ ...usual, identity, run: (changes) => this.#claimAll(changes) });
    this.#answers = new Batcher<GivenAnswer, boolean>({
      ...usual,
      identity,
      run: (answers) => this.#answerAll(answers),
    });
  }

  /** What waits to be written. */
  get waiting(): number {
    return this.#claims.waiting + this.#answers.waiting;
  }

  /** Throws EntryError. */
  claim(change: ClaimedChange): Promise<Claim> {
    return this.#claims.add(change);
  }

  /** Keeps the answer; false: the claim was taken over meanwhile. Throws EntryError. */
  answer(change: ClaimedChange, status: number, sealed: Uint8Array): Promise<boolean> {
    return this.#answers.add({ keyHash: change.keyHash, claim: change.claim, status, sealed });
  }

  /** Nothing was done, or nobody knows what: whoever asks again does it at once. Throws EntryError. */
  async release({ keyHash, claim }: ClaimedChange): Promise<void> {
    await sql`update idempotency_keys set claimed_until = now()
      where key_hash = ${keyHash} and claimed_by = ${claim} and status is null`.execute(this.#database.kysely);
  }

  /**
   * The disk is not waited for: what comes of a claim is written behind it, and has it written too. A claim that a dying database has lost was of
   * a change of which nothing was kept.
   */
  async #claimAll(changes: readonly ClaimedChange[]): Promise<readonly Claim[]> {
    const { rows } = await sql<{ readonly key: string; readonly is_again: boolean }>`/* claim_changes */
      insert into idempotency_keys as k (key_hash, request_hash, claimed_by, claimed_until, expires_at)
      select decode(key, 'hex'), decode(request, 'hex'), claim, now() + ${this.#claimFor} * interval '1 ms', now() + ${keptHours} * interval '1 h'
      from unnest(${hexes(changes, "keyHash")}::text[], ${hexes(changes, "requestHash")}::text[], ${changes.map(({ claim }) => claim)}::uuid[])
        as given (key, request, claim), set_config('synchronous_commit', 'off', true)
      on conflict (key_hash) do update set request_hash = excluded.request_hash, status = null, sealed_answer = null,
        claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until, created_at = now(), expires_at = excluded.expires_at
      where k.expires_at < now() or (k.status is null and k.request_hash = excluded.request_hash and k.claimed_until <= now())
      returning encode(key_hash, 'hex') as key, xmax <> 0 as is_again`.execute(this.#database.kysely);
    const mine = new Map(rows.map(({ key, is_again }) => [key, is_again]));
    const others = changes.filter(({ keyHash }) => !mine.has(keyHash.toHex()));
    const known = others.length === 0 ? new Map<string, Claim>() : await this.#known(others);
    return changes.map(({ keyHash, claim }) => {
      const isAgain = mine.get(keyHash.toHex());
      if (isAgain !== undefined) return { kind: "mine", claim, isAgain };
      // It was removed between the two statements.
      return known.get(keyHash.toHex()) ?? { kind: "under-way", retryIn: seconds(1) };
    });
  }

  async #known(changes: readonly ClaimedChange[]): Promise<ReadonlyMap<string, Claim>> {
    const { rows } = await sql<KnownRow>`/* known_changes */
      select encode(k.key_hash, 'hex') as key, k.request_hash = decode(given.request, 'hex') as is_same, k.status, k.sealed_answer as sealed,
        (extract(epoch from k.claimed_until - now()) * 1000)::float8 as left_millis
      from unnest(${hexes(changes, "keyHash")}::text[], ${hexes(changes, "requestHash")}::text[]) as given (key, request)
      join idempotency_keys k on k.key_hash = decode(given.key, 'hex')`.execute(this.#database.kysely);
    return new Map(rows.map((row) => [row.key, claimOf(row)]));
  }

  async #answerAll(answers: readonly GivenAnswer[]): Promise<readonly boolean[]> {
    const sealed = answers.map((answer) => answer.sealed.toHex());
    const { rows } = await sql<{ readonly key: string }>`/* answer_changes */
      update idempotency_keys k set status = given.status, sealed_answer = decode(given.sealed, 'hex'), claimed_by = null, claimed_until = null
      from unnest(${hexes(answers, "keyHash")}::text[], ${answers.map(({ claim }) => claim)}::uuid[],
        ${answers.map(({ status }) => status)}::smallint[], ${sealed}::text[]) as given (key, claim, status, sealed)
      where k.key_hash = decode(given.key, 'hex') and k.claimed_by = given.claim and k.status is null
      returning given.key`.execute(this.#database.kysely);
    const written = new Set(rows.map(({ key }) => key));
    return answers.map(({ keyHash }) => written.has(keyHash.toHex()));
  }
}

interface KnownRow {
  readonly key: string;
  readonly is_same: boolean;
  readonly status: number | null;
  readonly sealed: Uint8Array | null;
  readonly left_millis: number | null;
}

function claimOf({ is_same, status, sealed, left_millis }: KnownRow): Claim {
  if (!is_same) return { kind: "of-another" };
  if (status !== null && sealed !== null) return { kind: "answered", status, sealed };
  return { kind: "under-way", retryIn: millis(Math.max(0, left_millis ?? 0)) };
}

function hexes<Name extends string>(items: readonly Readonly<Record<Name, Uint8Array>>[], name: Name): string[] {
  return items.map((item) => item[name].toHex());
}
