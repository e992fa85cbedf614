/** `ropewalk entry readiness`: each gate before production, with its reason. */
import { readinessSchema } from "@ropewalk/api/entry-schema";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askEntry } from "../local-api/ask-entry.ts";

export const run: RunCommand = async (given, context) => {
  const asked = { method: "GET", path: "/v1/admin/readiness", answer: readinessSchema } as const;
  const { isReady, gates } = await askEntry(given, context, asked);
  if (given.flags.has("json")) context.output.write(`${JSON.stringify({ isReady, gates }, undefined, 2)}\n`);
  else for (const { name, state, reason } of gates) context.output.write(`${state.padEnd(7)} ${name}: ${reason}\n`);
  return isReady ? exitCodes.ok : exitCodes.failed;
};
