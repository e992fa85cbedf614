/**
 * What a failure of the database, or of the way to it, means to who asked.
 * Sources: https://www.postgresql.org/docs/15/errcodes-appendix.html, and the driver's own messages.
 */

export type DatabaseFailure =
  | { readonly kind: "down" | "full" | "busy" | "contended" | "refused" }
  | { readonly kind: "conflict"; readonly constraint: string };

/** What Node, the driver and the server tell of an error. */
export interface ToldFailure {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly message?: unknown;
}

const byState: ReadonlyMap<string, "down" | "full" | "busy" | "contended"> = new Map([
  // read_only_sql_transaction: a standby answers where the primary was.
  ["25006", "down"],
  ["40001", "contended"],
  ["40P01", "contended"],
  ["53100", "full"],
  ["53300", "busy"],
  ["55P03", "busy"],
  // query_canceled, by the statement's limit; idle_in_transaction_session_timeout.
  ["57014", "busy"],
  ["25P03", "busy"],
  ["57P01", "down"],
  ["57P02", "down"],
  ["57P03", "down"],
] as const);
/** Unique, exclusion, foreign key and check. */
const constraints = ["23505", "23P01", "23503", "23514"];
const unreached =
  /^E(?:CONN[A-Z]+|PIPE|NOENT|ACCES|PERM|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|TIMEDOUT|AI_AGAIN|NOTFOUND)$/;
/** The driver has no codes for these. */
const broken =
  /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|The server does not support SSL)/;
const waited = /^(?:Query read timeout|timeout exceeded when trying to connect)/;

export function judgeFailure({ code, constraint, message }: ToldFailure): DatabaseFailure {
  const state = typeof code === "string" ? code : "";
  const said = typeof message === "string" ? message : "";
  if (constraints.includes(state) && typeof constraint === "string") return { kind: "conflict", constraint };
  const known = byState.get(state);
  if (known !== undefined) return { kind: known };
  if (/^08[0-9A-Z]{3}$/.test(state) || unreached.test(state) || broken.test(said)) return { kind: "down" };
  if (waited.test(said)) return { kind: "busy" };
  return { kind: "refused" };
}

/** Whether nothing may be asked on the same connection again: an answer may still come that belongs to the question before. */
export function isConnectionLost(told: ToldFailure): boolean {
  const isServers = typeof told.code === "string" && /^[0-9A-Z]{5}$/.test(told.code) && !unreached.test(told.code);
  return !isServers || judgeFailure(told).kind === "down";
}
