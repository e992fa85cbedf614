/** `ropewalk config reload`: the same as SIGHUP, but says what came of it. */
import { ApiError } from "@ropewalk/api/errors";
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askDaemon(context, (client, signal) => client.reloadConfig(signal)).catch(
    (error: unknown) => {
      throw asRefusal(error);
    },
  );
  if (flags.has("json")) {
    context.output.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    return exitCodes.ok;
  }
  const { applied, needsRestart } = answer;
  const lines = [
    applied.length === 0 ? "Nothing that can change while running differs." : `Now in force: ${applied.join(", ")}.`,
    ...(needsRestart.length === 0 ? [] : [`In force after the next start: ${needsRestart.join(", ")}.`]),
  ];
  context.output.write(`${lines.join("\n")}\n`);
  return exitCodes.ok;
};

function asRefusal(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.problem === undefined) return error;
  const { code, detail, faults = [] } = error.problem;
  const lines = faults.map(({ path, value, reason }) => `  ${path}${value === null ? "" : ` = ${value}`}: ${reason}`);
  if (code === "config-invalid") return new AppError("APP_CONFIG", [detail, ...lines].join("\n"));
  return code === "forbidden" ? new AppError("APP_PERMISSION", detail) : error;
}
