/** `ropewalk uplink explain [NAME]`: the evidence behind every state and decision. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { findUplink } from "../local-api/find-uplink.ts";
import { type ExplainScope, explainLines, scopedExplanation } from "../render/explain-view.ts";
import { createPaint } from "../render/paint.ts";

const families = ["ipv4", "ipv6"] as const;

export const run: RunCommand = async ({ flags, values, operands }, context) => {
  const [name] = operands;
  const { answer } = await askDaemon(context, (client, signal) => client.explanation(signal));
  const scope: ExplainScope = {
    uplinkId: name === undefined ? undefined : findUplink(name, answer.uplinks).id,
    families: families.filter((family) => family === (values.get("family") ?? family)),
  };
  const { output } = context;
  const text = flags.has("json")
    ? JSON.stringify(scopedExplanation(answer, scope), undefined, 2)
    : explainLines(answer, scope, { paint: createPaint(output.hasColour), columns: output.size?.columns }).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};
