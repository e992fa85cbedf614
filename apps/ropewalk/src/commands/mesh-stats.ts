/** `ropewalk mesh stats`: this node's address in the mesh, and what it has proved, refused and passed on. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { withRefusals } from "../local-api/refusals.ts";
import { statsLines } from "../render/mesh-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await withRefusals(askDaemon(context, (client, signal) => client.mesh(signal)));
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : statsLines(answer).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};
