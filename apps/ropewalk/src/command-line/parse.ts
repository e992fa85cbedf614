/** Turns the words after the program's name into a command to run, or into what is wrong with them. */
import { parseArgs } from "node:util";
import { nearestKey } from "@ropewalk/ops/pure/nearest-key";
import type { CommandSpec, Completion, GivenArguments, OptionSpec } from "./command.ts";

export type ParsedLine =
  | { readonly kind: "run"; readonly command: CommandSpec; readonly given: GivenArguments }
  /** Help for one command, for a group ("uplink"), or, with no words, for the program. */
  | { readonly kind: "help"; readonly words: readonly string[] }
  | { readonly kind: "version" }
  | { readonly kind: "fault"; readonly message: string; readonly words: readonly string[] };

export function parseLine(argv: readonly string[], commands: readonly CommandSpec[]): ParsedLine {
  const found = findCommand(argv, commands);
  if (found.kind === "found") return parseGiven(found.command, argv.slice(found.command.words.length));
  const rest = argv.slice(found.words.length);
  const next = rest[0];
  if (next === "--version" && found.words.length === 0) return { kind: "version" };
  if (next === undefined || next === "--help" || next === "-h") {
    const isWanted = next !== undefined || found.words.length === 0;
    const groups = nextWords(found.words, commands).join(", ");
    return isWanted
      ? { kind: "help", words: found.words }
      : fault(`"${found.words.join(" ")}" needs one of: ${groups}`, found.words);
  }
  if (next === "help" && found.words.length === 0) return { kind: "help", words: rest.slice(1) };
  const what = next.startsWith("-") ? "option" : "command";
  const known = what === "option" ? ["--help", "--version"] : nextWords(found.words, commands);
  return fault(unknown(what, [...found.words, next].join(" "), next, known), found.words);
}

type Found =
  | { readonly kind: "found"; readonly command: CommandSpec }
  | { readonly kind: "incomplete"; readonly words: readonly string[] };

/** Follows the words of `argv` as far as commands go: `core status` is not `core` with an operand. */
function findCommand(argv: readonly string[], commands: readonly CommandSpec[]): Found {
  const words: string[] = [];
  for (const word of argv) {
    const longer = [...words, word];
    if (!commands.some((command) => startsWith(command.words, longer))) break;
    words.push(word);
  }
  const command = commands.find((each) => each.words.length === words.length && startsWith(each.words, words));
  const isSubcommandMeant = nextWords(words, commands).length > 0 && argv[words.length]?.startsWith("-") === false;
  return command === undefined || isSubcommandMeant ? { kind: "incomplete", words } : { kind: "found", command };
}

function parseGiven(command: CommandSpec, argv: readonly string[]): ParsedLine {
  const options = Object.fromEntries(
    command.options.map((option) => [
      option.name,
      { type: option.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      operands.push(token.value);
      continue;
    }
    if (token.rawName === "--help" || token.rawName === "-h") return { kind: "help", words: command.words };
    const spec = command.options.find((option) => token.rawName === `--${option.name}`);
    if (spec === undefined) {
      const known = ["--help", ...command.options.map((option) => `--${option.name}`)];
      return fault(unknown("option", token.rawName, token.rawName, known), command.words);
    }
    if (spec.value === undefined) {
      if (token.value !== undefined && spec.optionalValue === undefined)
        return fault(`--${spec.name} takes no value`, command.words);
      if (token.value !== undefined) values.set(spec.name, token.value);
      flags.add(spec.name);
    } else {
      const wrong = valueFault(spec.value, `--${spec.name}`, token.value);
      if (wrong !== undefined) return fault(wrong, command.words);
      values.set(spec.name, token.value ?? "");
      if (spec.isRepeatable === true) lists.set(spec.name, [...(lists.get(spec.name) ?? []), token.value ?? ""]);
    }
  }
  const wrong = operandFault(command, operands) ?? missingOption(command, values);
  if (wrong !== undefined) return fault(wrong, command.words);
  return { kind: "run", command, given: { flags, values, lists, operands } };
}

function valueFault(
  { name, completion }: NonNullable<OptionSpec["value"]>,
  option: string,
  given: string | undefined,
): string | undefined {
  if (given === undefined) return `${option} needs a value: ${name}`;
  return choiceFault(option, completion, given);
}

function missingOption(command: CommandSpec, values: ReadonlyMap<string, string>): string | undefined {
  const missing = command.options.find(({ name, isRequired }) => isRequired === true && !values.has(name));
  if (missing === undefined) return undefined;
  return `"${command.words.join(" ")}" needs --${missing.name} ${missing.value?.name ?? ""}: ${missing.summary}`;
}

function choiceFault(what: string, completion: Completion, given: string): string | undefined {
  if (typeof completion === "string" || completion.includes(given)) return undefined;
  return `${what} cannot be "${given}"; it is one of: ${completion.join(", ")}`;
}

function operandFault(command: CommandSpec, operands: readonly string[]): string | undefined {
  const missing = command.operands[operands.length];
  if (missing !== undefined && missing.isOptional !== true)
    return `"${command.words.join(" ")}" needs ${missing.name}: ${missing.summary}`;
  const extra = operands[command.operands.length];
  if (extra !== undefined) return `"${command.words.join(" ")}" takes nothing more; "${extra}" is too much`;
  for (const [index, given] of operands.entries()) {
    const spec = command.operands[index];
    const wrong = spec === undefined ? undefined : choiceFault(spec.name, spec.completion, given);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The words that may follow `words` in some command, each once. */
export function nextWords(words: readonly string[], commands: readonly CommandSpec[]): readonly string[] {
  const next = commands
    .filter((command) => startsWith(command.words, words))
    .map((command) => command.words[words.length])
    .filter((word) => word !== undefined);
  return [...new Set(next)];
}

function unknown(what: string, shown: string, typed: string, known: readonly string[]): string {
  const nearest = nearestKey(typed, known);
  return `unknown ${what} "${shown}"${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
}

function startsWith(words: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length <= words.length && prefix.every((word, index) => word === words[index]);
}

function fault(message: string, words: readonly string[]): ParsedLine {
  return { kind: "fault", message, words };
}
