/** Puts a question to a node of the mesh, by the node that runs here. */
import type { MeshAnswerDocument, MeshQuestion } from "@ropewalk/api/mesh";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askDaemon } from "./connect.ts";
import { findNode } from "./find-node.ts";
import { withRefusals } from "./refusals.ts";

/** Prints what came of it. Throws as `askDaemon` and `findNode`; APP_REFUSED where that node is part of no mesh. */
export async function askMesh(
  question: MeshQuestion,
  { flags, operands }: GivenArguments,
  context: CommandContext,
  lines: (answer: MeshAnswerDocument) => readonly string[],
): Promise<ExitCode> {
  const { answer } = await withRefusals(
    askDaemon(context, async (client, signal) =>
      client.meshAsk(question, await findNode(operands[0] ?? "", client, signal), signal),
    ),
  );
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : lines(answer).join("\n");
  context.output.write(`${text}\n`);
  return answer.kind === "answered" ? exitCodes.ok : exitCodes.failed;
}
