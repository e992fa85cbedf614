/** How a route or what is before it ends with a problem; it is made an answer in one place, and never leaves this folder otherwise. */
import { type EntryProblemCode, type EntryProblemDocument, entryProblem } from "@ropewalk/api/entry-problem";
import type { EntryError } from "../errors.ts";

export class ProblemError extends Error {
  readonly document: EntryProblemDocument;
  /** When to ask again, in seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    code: EntryProblemCode,
    detail: string,
    more: Pick<EntryProblemDocument, "faults" | "reasons"> & { readonly retryAfter?: number } = {},
  ) {
    super(detail);
    const { retryAfter, ...rest } = more;
    this.document = entryProblem(code, detail, rest);
    this.retryAfter = retryAfter;
  }
}

/** What whoever asks is told of a failure of the database; undefined: it is a defect. Nothing of SQL, names or addresses is in it. */
export function problemOf({ code }: EntryError): ProblemError | undefined {
  switch (code) {
    case "ENTRY_DATABASE_DOWN":
    case "ENTRY_DATABASE_FULL":
    case "ENTRY_DATABASE_BUSY":
    case "ENTRY_DATABASE_CONTENDED":
    case "ENTRY_DATABASE_HELD":
      return new ProblemError("unavailable", "the database does not do it now: nothing was changed; ask again", {
        retryAfter: 1,
      });
    case "ENTRY_DATABASE_UNSURE":
      return new ProblemError("unsure", "the database broke off: ask again with the same Idempotency-Key", {
        retryAfter: 1,
      });
    default:
      return undefined;
  }
}
