/** Asks the entry that runs here, as an admin: by the key that the configuration gives, else by the one that entry made for itself. */
import { randomBytes } from "node:crypto";
import { entryProblemSchema } from "@ropewalk/api/entry-problem";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { readSecretFile } from "@ropewalk/ops/secret-file";
import type { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { entryPlaces } from "../compose/entry/entry-places.ts";
import { adminKeyFile } from "../compose/entry/entry-secrets.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { AppError } from "../errors.ts";
import { requestEntry } from "./entry-request.ts";

export interface EntryQuestion<T> {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly json?: unknown;
  readonly answer: z.ZodType<T>;
}

const within = seconds(30);
/** Who listens on every address is asked on loopback. */
const anyAddress: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Throws APP_NOT_RUNNING, APP_REFUSED with what entry says, APP_UNREADABLE, and what keeps the key from being read. */
export async function askEntry<T>(
  { values }: Pick<GivenArguments, "values">,
  context: CommandContext,
  { method, path, json, answer }: EntryQuestion<T>,
): Promise<T> {
  const { entry } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  const given =
    entry.admin.keys?.reveal() ?? new TextDecoder().decode(readSecretFile(adminKeyFile(entryPlaces(context).state)));
  const [key = ""] = given.split(/[\s,]+/).filter((one) => one !== "");
  const headers = {
    authorization: `Bearer ${key}`,
    ...(method === "GET" ? {} : { "idempotency-key": randomBytes(24).toString("hex") }),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
  };
  const body = json === undefined ? undefined : JSON.stringify(json);
  const { certificate, listen } = entry.http;
  const { address, port } = listeningPlace(listen);
  const asked = { host: anyAddress[address] ?? address, port, certificate, method, path, headers, body, within };
  const { status, document } = await requestEntry(asked).catch((cause: unknown) => {
    const start = `Start it: ${context.program} entry`;
    throw new AppError("APP_NOT_RUNNING", `no entry answers at ${listen}: ${describeError(cause)}. ${start}`, {
      cause,
    });
  });
  if (status >= 200 && status < 300) {
    const read = answer.safeParse(document);
    if (read.success) return read.data;
    throw new AppError("APP_UNREADABLE", `what answers at ${listen} is no entry of this version`);
  }
  const problem = entryProblemSchema.safeParse(document);
  const why = problem.success ? problem.data.detail : `status ${status}`;
  throw new AppError("APP_REFUSED", `entry refused it: ${why}`);
}
