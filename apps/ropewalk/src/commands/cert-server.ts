/** `ropewalk cert server`: a key and a certificate for the end that listens. */
import { issueEnd } from "../certificates/issue-end.ts";
import type { RunCommand } from "../command-line/command.ts";

export const run: RunCommand = (given, context) => issueEnd("server", given, context);
