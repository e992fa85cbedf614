/** `ropewalk entry customer add`: makes a customer, and signs the token with which he asks for himself. */
import { customerSchema, tokenSchema } from "@ropewalk/api/entry-schema";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askEntry } from "../local-api/ask-entry.ts";

export const run: RunCommand = async (given, context) => {
  const making = { method: "POST", path: "/v1/admin/customers", answer: customerSchema } as const;
  const { id } = await askEntry(given, context, making);
  const path = `/v1/admin/customers/${id}/tokens`;
  const signed = await askEntry(given, context, { method: "POST", path, json: {}, answer: tokenSchema });
  const { token, expiresAt } = signed;
  context.output.write(
    given.flags.has("json")
      ? `${JSON.stringify({ id, token, expiresAt })}\n`
      : `customer ${id}\nuntil ${expiresAt} he asks with this token:\n${token}\n`,
  );
  return exitCodes.ok;
};
