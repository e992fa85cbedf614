/** Tells what a command of `ropewalk cert` has made, as text or JSON. */
import type { CertificateFacts, CrlFacts, RequestFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { factsDocument, factsRows } from "../render/certificate-view.ts";
import { alignRows, printable } from "../render/table.ts";
import { type MadeFile, madeRows } from "./made-files.ts";

export function tellMade(
  facts: CertificateFacts | CrlFacts | RequestFacts,
  files: readonly MadeFile[],
  { flags }: GivenArguments,
  { clock, output }: CommandContext,
): void {
  if (flags.has("json")) {
    const made = { made: factsDocument(facts), files: files.map(({ what, path }) => ({ what, path })) };
    output.write(`${JSON.stringify(made, undefined, 2)}\n`);
    return;
  }
  const lines = alignRows([...factsRows(facts, clock.wall()), ...madeRows(files)], "  ");
  output.write(`made\n${lines.map(printable).join("\n")}\n`);
}
