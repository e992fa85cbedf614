/** Asks the entry that runs here, as an admin: by the key that the configuration gives, else by the one that entry made for itself. */
import { randomBytes } from "node:crypto";
import { entryProblemSchema } from "@ropewalk/api/entry-problem";
import { readSecretFile } from "@ropewalk/ops/secret-file";
import type { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { entryPlaces } from "../compose/entry/entry-places.ts";
import { adminKeyFile } from "../compose/entry/entry-secrets.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { AppError } from "../errors.ts";

export interface EntryQuestion<T> {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly json?: unknown;
  readonly answer: z.ZodType<T>;
}

const withinMs = 30_000;

/** Throws APP_NOT_RUNNING, APP_REFUSED with what entry says, APP_UNREADABLE, and what keeps the key from being read. */
export async function askEntry<T>(
  { values }: Pick<GivenArguments, "values">,
  context: CommandContext,
  { method, path, json, answer }: EntryQuestion<T>,
): Promise<T> {
  const { entry } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  if (entry.http.certificate !== undefined)
    throw new AppError(
      "APP_REFUSED",
      "this command asks plain HTTP on loopback, and this entry has TLS: ask it over HTTP",
    );
  const given =
    entry.admin.keys?.reveal() ?? new TextDecoder().decode(readSecretFile(adminKeyFile(entryPlaces(context).state)));
  const [key = ""] = given.split(/[\s,]+/).filter((one) => one !== "");
  const headers = {
    authorization: `Bearer ${key}`,
    ...(method === "GET" ? {} : { "idempotency-key": randomBytes(24).toString("hex") }),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
  };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const url = `http://${entry.http.listen}${path}`;
  const response = await fetch(url, { method, headers, ...body, signal: AbortSignal.timeout(withinMs) }).catch(
    (cause: unknown) => {
      const start = `Start it: ${context.program} entry`;
      throw new AppError("APP_NOT_RUNNING", `no entry answers at ${entry.http.listen}. ${start}`, { cause });
    },
  );
  const told: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    const read = answer.safeParse(told);
    if (read.success) return read.data;
    throw new AppError("APP_UNREADABLE", `what answers at ${entry.http.listen} is no entry of this version`);
  }
  const problem = entryProblemSchema.safeParse(told);
  const why = problem.success ? problem.data.detail : `status ${response.status}`;
  throw new AppError("APP_REFUSED", `entry refused it: ${why}`);
}
