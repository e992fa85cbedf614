/** Help texts, made from the command table. */
import { alignRows } from "../render/table.ts";
import type { CommandSpec } from "./command.ts";

/** Help for the command with these words, or for every command that starts with them. Undefined when there is none. */
export function helpText(
  words: readonly string[],
  commands: readonly CommandSpec[],
  program: string,
): string | undefined {
  const under = commands.filter((command) => words.every((word, index) => command.words[index] === word));
  const [only] = under;
  if (only === undefined) return undefined;
  return under.length === 1 && only.words.length === words.length
    ? commandHelp(only, program)
    : listHelp(under, program);
}

/** "ropewalk uplink show [--json] NAME". */
function usage(command: CommandSpec, program: string): string {
  const options = command.options.map(({ name, value }) => `[--${name}${value === undefined ? "" : ` ${value.name}`}]`);
  return [program, ...command.words, ...options, ...command.operands.map(operandName)].join(" ");
}

/** "NAME", "[NAME]" when it may be left out. */
function operandName({ name, isOptional }: CommandSpec["operands"][number]): string {
  return isOptional === true ? `[${name}]` : name;
}

function commandHelp(command: CommandSpec, program: string): string {
  const rows = [
    ...command.operands.map((operand) => [operand.name, operand.summary]),
    ...command.options.map(({ name, value, summary }) => [
      `--${name}${value === undefined ? "" : ` ${value.name}`}`,
      summary,
    ]),
    ["--help", "print this"],
  ];
  const summary = `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`;
  const detail = command.detail === undefined ? [] : ["", command.detail];
  return `${[`Usage: ${usage(command, program)}`, "", summary, ...detail, "", ...alignRows(rows, "  ")].join("\n")}\n`;
}

function listHelp(commands: readonly CommandSpec[], program: string): string {
  const rows = commands.map((command) => {
    return [[...command.words, ...command.operands.map(operandName)].join(" "), command.summary];
  });
  const about = [
    "Ropewalk sees every uplink of this machine and says truthfully what each is worth.",
    "",
    `Usage: ${program} COMMAND`,
    "",
  ];
  const more = ["", `${program} COMMAND --help says more of one; ${program} --version prints the version.`];
  return `${[...about, ...alignRows(rows, "  "), ...more].join("\n")}\n`;
}
