/** `ropewalk cert node`: a key and a certificate for who listens to some and connects to others. */
import { issueEnd } from "../certificates/issue-end.ts";
import type { RunCommand } from "../command-line/command.ts";

export const run: RunCommand = (given, context) => issueEnd("both", given, context);
