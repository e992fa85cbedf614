/** What a node refuses, as an error of the program. */
import { ApiError } from "@ropewalk/api/errors";
import { AppError } from "../errors.ts";

/** As `work`, but a refusal rejects with APP_REFUSED and the node's reason, or with APP_PERMISSION. */
export function withRefusals<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asRefusal(error);
  });
}

/** As `withRefusals`; of a configuration that was not accepted, APP_CONFIG with all that is wrong with it. */
export function withConfigFaults<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.problem?.code !== "config-invalid") throw asRefusal(error);
    const { detail, faults = [] } = error.problem;
    const lines = faults.map(({ path, value, reason }) => `  ${path}${value === null ? "" : ` = ${value}`}: ${reason}`);
    throw new AppError("APP_CONFIG", [detail, ...lines].join("\n"));
  });
}

function asRefusal(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.problem === undefined) return error;
  const { code, detail } = error.problem;
  if (code === "refused") return new AppError("APP_REFUSED", detail);
  return code === "forbidden" ? new AppError("APP_PERMISSION", detail) : error;
}
