/** What a command is: one description from which parsing, help and completion are all made. */
import type { CommandContext } from "../command-context.ts";
import type { ExitCode } from "../exit-codes.ts";

/** What a shell can offer for a word: files, names of the running daemon's uplinks, nothing, or one of a few words. */
export type Completion = "files" | "uplinks" | "nothing" | readonly string[];

export interface OptionSpec {
  /** Without the dashes: "json". */
  readonly name: string;
  readonly summary: string;
  /** Present when the option takes a value: its name in help, "FILE". Of a list no other word is taken. */
  readonly value?: { readonly name: string; readonly completion: Completion };
  /** Present when a value may follow behind "=", "--wait=30s", and need not: its name in help. */
  readonly optionalValue?: string;
  /** Without it the command cannot be understood. */
  readonly isRequired?: true;
  /** It may be given several times, and each counts; of others only the last does. */
  readonly isRepeatable?: true;
}

/** A word after the command. */
interface OperandSpec {
  readonly name: string;
  /** Only the last ones may be left out; absent means that it may not. */
  readonly isOptional?: true;
  readonly summary: string;
  readonly completion: Completion;
}

export interface CommandSpec {
  /** ["uplink", "show"]. */
  readonly words: readonly string[];
  readonly summary: string;
  /** More for `--help`: paragraphs, already wrapped. */
  readonly detail?: string;
  readonly options: readonly OptionSpec[];
  readonly operands: readonly OperandSpec[];
  /** Imported when it runs, so that no command pays for another's modules. */
  readonly load: () => Promise<{ readonly run: RunCommand }>;
}

export type RunCommand = (given: GivenArguments, context: CommandContext) => Promise<ExitCode>;

/** What the user typed after the command's words; only names from its description occur. */
export interface GivenArguments {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** Every value of the options that may be given several times, in order. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}
