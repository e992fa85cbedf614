/** `ropewalk entry node add NAME`: registers a node by the name that its certificate has. */
import type { NewNodeDocument } from "@ropewalk/api/entry-nodes";
import { nodeSchema } from "@ropewalk/api/entry-nodes-schema";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askEntry } from "../local-api/ask-entry.ts";

export const run: RunCommand = async (given, context) => {
  const [name = ""] = given.operands;
  const { values } = given;
  const [country, city, pool] = [values.get("country"), values.get("city"), values.get("pool")];
  const json: NewNodeDocument = {
    ...{ name, roles: ["vpn"], region: values.get("region") ?? "" },
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(pool === undefined ? {} : { pool }),
  };
  const asked = { method: "POST", path: "/v1/admin/nodes", json, answer: nodeSchema } as const;
  const node = await askEntry(given, context, asked);
  context.output.write(
    given.flags.has("json")
      ? `${JSON.stringify(node)}\n`
      : `${node.name} is registered, ${node.id}. Its certificate needs this name.\n`,
  );
  return exitCodes.ok;
};
