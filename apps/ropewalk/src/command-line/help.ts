/** Help texts, made from the command table. */
import { alignRows, wrapped } from "../render/table.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";

/** Help for the command with these words, or for every command that starts with them. Undefined when there is none. */
export function helpText(
  words: readonly string[],
  commands: readonly CommandSpec[],
  program: string,
): string | undefined {
  const under = commands.filter((command) => words.every((word, index) => command.words[index] === word));
  if (under.length === 0) return undefined;
  const own = under.find((command) => command.words.length === words.length);
  if (own === undefined) return listHelp(under, program);
  const others = under.filter((command) => command !== own);
  const besides = others.length === 0 ? [] : ["", "Besides:", ...alignRows(listRows(others), "  ")];
  return `${[commandHelp(own, program), ...besides].join("\n")}\n`;
}

/** "ropewalk uplink show [--json] NAME", on as many lines as it takes. */
function usage(command: CommandSpec, program: string): readonly string[] {
  // No line ends within an option: the space in it is not one at which lines are wrapped.
  const options = command.options.map((option) => optionUsage(option).replaceAll(" ", unbroken));
  const line = ["Usage:", program, ...command.words, ...options, ...command.operands.map(operandName)].join(" ");
  return wrapped(line, helpColumns, "         ").map((part) => part.replaceAll(unbroken, " "));
}

const helpColumns = 100;
const unbroken = "\u{a0}";

/** "--name NAME", "[--json]" when it may be left out, "[--dns NAME]..." when it may come several times. */
function optionUsage(option: OptionSpec): string {
  const given = optionName(option);
  const { isRequired, isRepeatable } = option;
  return `${isRequired === true ? given : `[${given}]`}${isRepeatable === true ? "..." : ""}`;
}

/** "--json", "--name NAME", "--wait[=DURATION]". */
function optionName({ name, value, optionalValue }: OptionSpec): string {
  if (optionalValue !== undefined) return `--${name}[=${optionalValue}]`;
  return `--${name}${value === undefined ? "" : ` ${value.name}`}`;
}

/** "NAME", "[NAME]" when it may be left out. */
function operandName({ name, isOptional }: CommandSpec["operands"][number]): string {
  return isOptional === true ? `[${name}]` : name;
}

/** Of several that may be left out the first stands for all: the list has one line a command. */
function listedOperands({ operands }: CommandSpec): readonly string[] {
  const first = operands.findIndex(({ isOptional }) => isOptional === true);
  const shown = first < 0 ? operands : operands.slice(0, first + 1);
  return shown.length === operands.length ? shown.map(operandName) : [...shown.map(operandName), "..."];
}

function commandHelp(command: CommandSpec, program: string): string {
  const rows = [
    ...command.operands.map((operand) => [operand.name, operand.summary]),
    ...command.options.map((option) => [optionName(option), option.summary]),
    ["--help", "print this"],
  ];
  const summary = `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`;
  const detail = command.detail === undefined ? [] : ["", command.detail];
  return [...usage(command, program), "", summary, ...detail, "", ...alignRows(rows, "  ")].join("\n");
}

function listRows(commands: readonly CommandSpec[]): readonly (readonly string[])[] {
  return commands.map((command) => [[...command.words, ...listedOperands(command)].join(" "), command.summary]);
}

function listHelp(commands: readonly CommandSpec[], program: string): string {
  const about = [
    "Ropewalk sees every uplink of this machine and says truthfully what each is worth.",
    "",
    `Usage: ${program} COMMAND`,
    "",
  ];
  const more = ["", `${program} COMMAND --help says more of one; ${program} --version prints the version.`];
  return `${[...about, ...alignRows(listRows(commands), "  "), ...more].join("\n")}\n`;
}
