/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";
import type { ProblemDocument } from "./problem.ts";

export type ApiErrorCode =
  /** The node answered with a problem document, which `problem` holds. */
  | "API_REFUSED"
  /** What answered is not a Ropewalk node, or one of another schema. */
  | "API_UNREADABLE"
  /** The answer or one event was larger than a reader accepts. */
  | "API_TOO_LARGE";

export class ApiError extends RopewalkError<ApiErrorCode> {
  readonly problem: ProblemDocument | undefined;

  constructor(
    code: ApiErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly problem?: ProblemDocument },
  ) {
    super(code, message, options);
    this.problem = options?.problem;
  }
}
