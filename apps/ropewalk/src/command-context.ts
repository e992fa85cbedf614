/** Everything a command may know of the process it runs in. `main.ts` makes it; nothing else reads the environment. */
import type { Clock } from "@ropewalk/kernel/clock";
import type { SignalSource } from "@ropewalk/ops/signals";
import type { CommandSpec } from "./command-line/command.ts";

/** Where text goes. Writing to a reader that has gone away is not an error. */
export interface TextOutput {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly hasColour: boolean;
  /** Width and height of the terminal now; undefined when it is none. */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  onResize(listener: () => void): Disposable;
}

/** Who typed the command. */
export interface Person {
  /** False when nobody can answer: input is no terminal. */
  readonly isThere: boolean;
  /** The answer without its end of line; undefined when the input ended. */
  ask(question: string): Promise<string | undefined>;
  /** Each key as it is pressed, until disposed; Ctrl-C is a key then, "\u0003". Nothing happens where nobody is there. */
  onKey(listener: (key: string) => void): Disposable;
}

export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly user: { readonly uid: number; readonly home: string; readonly temporaryDirectory: string };
  readonly output: TextOutput;
  readonly errors: TextOutput;
  /** What is piped in, or typed until its end. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly person: Person;
  readonly clock: Clock;
  readonly version: string;
  /** All there are, for the command that writes completion scripts. */
  readonly commands: readonly CommandSpec[];
  /** How this program is called from a shell: "ropewalk" where it is installed, "npx ropewalk" in a clone. */
  readonly program: string;
  readonly signals: SignalSource;
  /** Ends the process at once. */
  exit(code: number): void;
}
