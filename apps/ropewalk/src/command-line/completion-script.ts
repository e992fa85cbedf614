/** Completion scripts for shells, made from the command table, so that they never offer what the parser refuses. */
import type { CommandSpec, Completion, OptionSpec } from "./command.ts";
import { nextWords } from "./parse.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, commands: readonly CommandSpec[]): string {
  switch (shell) {
    case "bash":
      return bashScript(commands);
    case "zsh":
      return zshScript(commands);
    case "fish":
      return fishScript(commands);
  }
}

/** First words of the lines of `uplink list`, its heading left out. */
const uplinkNames = "ropewalk uplink list 2>/dev/null | awk 'NR > 1 { print $1 }'";

function bashScript(commands: readonly CommandSpec[]): string {
  return `# bash completion for ropewalk: ropewalk completion bash > /etc/bash_completion.d/ropewalk
_ropewalk() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words="" files=""
  local line=" \${COMP_WORDS[*]:1:COMP_CWORD-1} "
  case $previous in
${valueCases(commands, {
  files: 'mapfile -t COMPREPLY < <(compgen -f -- "$current")',
  words: (words) => `mapfile -t COMPREPLY < <(compgen -W "${words}" -- "$current")`,
})}
  esac
  case $line in
${shellCases(commands, (words) => `words="${words}"`).join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen \${files:+-f} -W "$words" -- "$current")
}
complete -F _ropewalk ropewalk
`;
}

function zshScript(commands: readonly CommandSpec[]): string {
  return `#compdef ropewalk
# zsh completion for ropewalk: ropewalk completion zsh > a folder of $fpath, as _ropewalk
_ropewalk() {
  local line=" \${words[2,CURRENT-1]} " offered="" files=""
  case \${words[CURRENT-1]} in
${valueCases(commands, { files: "_files", words: (words) => `compadd -- ${words}` })}
  esac
  case $line in
${shellCases(commands, (words) => `offered="${words}"`).join("\n")}
  esac
  compadd -- \${=offered}
  if [ -n "$files" ]; then _files; fi
}
if [ "$funcstack[1]" = "_ropewalk" ]; then _ropewalk "$@"; else compdef _ropewalk ropewalk; fi
`;
}

/** One \`case\` branch per command and per group, longest first, then the first word. */
function shellCases(commands: readonly CommandSpec[], assign: (words: string) => string): readonly string[] {
  const beginnings = commands.flatMap(({ words }) => words.slice(0, -1).map((_, last) => words.slice(0, last + 1)));
  const own = new Set(commands.map(({ words }) => words.join(" ")));
  const groups = new Map(
    beginnings.map((group) => [group.join(" "), group] as const).filter(([text]) => !own.has(text)),
  );
  const branch = (pattern: string, words: readonly string[], more = "") =>
    `    ${pattern}) ${assign(words.join(" "))}${more} ;;`;
  return [
    ...longestFirst(commands).map((command) => {
      const takesFiles = command.operands.some(({ completion }) => completion === "files");
      return branch(
        `" ${command.words.join(" ")} "*`,
        [...nextWords(command.words, commands), ...offered(command)],
        takesFiles ? "; files=yes" : "",
      );
    }),
    ...[...groups].map(([text, group]) => branch(`" ${text} "`, nextWords(group, commands))),
    branch(`"  " | " "`, [...nextWords([], commands), "--help", "--version"]),
  ];
}

/** Of one that is the beginning of another the pattern takes the other's line too. */
function longestFirst(commands: readonly CommandSpec[]): readonly CommandSpec[] {
  return commands.toSorted((one, other) => other.words.length - one.words.length);
}

function offered(command: CommandSpec): readonly string[] {
  const options = ["--help", ...command.options.map(({ name }) => `--${name}`)];
  return [...options, ...command.operands.flatMap(({ completion }) => words(completion))];
}

function words(completion: Completion): readonly string[] {
  if (completion === "files" || completion === "nothing") return [];
  return completion === "uplinks" ? [`$(${uplinkNames})`] : completion;
}

/** One \`case\` branch per option that takes a value: what may follow it, and nothing else. */
function valueCases(
  commands: readonly CommandSpec[],
  offer: { readonly files: string; readonly words: (words: string) => string },
): string {
  const byName = new Map(commands.flatMap(({ options }) => options).map((option) => [option.name, option.value]));
  const branches = [...byName].flatMap(([name, value]) => {
    if (value === undefined) return [];
    const { completion } = value;
    const action = completion === "files" ? offer.files : offer.words(words(completion).join(" "));
    return [`    --${name}) ${action}; return ;;`];
  });
  return branches.join("\n");
}

function fishScript(commands: readonly CommandSpec[]): string {
  const lines = commands.flatMap((command) => {
    const when = `-n '${hasSeen(command.words)}'`;
    return [
      ...introductions(command),
      ...command.options.map((option) => `complete -c ropewalk ${when} ${fishOption(option)}`),
      ...command.operands.map(({ completion }) => {
        return `complete -c ropewalk ${when} ${completion === "files" ? "-F" : `-a '${fishWords(completion)}'`}`;
      }),
    ];
  });
  return `# fish completion for ropewalk: ropewalk completion fish > ~/.config/fish/completions/ropewalk.fish
complete -c ropewalk -f
complete -c ropewalk -l help -d 'print help'
${[...new Set(lines)].join("\n")}
`;
}

/** Each word of the command is offered behind those before it; the last with what the command does. */
function introductions({ words, summary }: CommandSpec): readonly string[] {
  return words.map((word, index) => {
    const before = words.slice(0, index);
    const when = index === 0 ? "__fish_use_subcommand" : `'${hasSeen(before)}'`;
    const what = index === words.length - 1 ? ` -d '${summary.replaceAll("'", "\\'")}'` : "";
    return `complete -c ropewalk -n ${when} -a ${word}${what}`;
  });
}

function hasSeen(words: readonly string[]): string {
  return words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
}

function fishOption({ name, summary, value }: OptionSpec): string {
  const takes = value === undefined ? "" : fishValue(value.completion);
  return `-l ${name}${takes} -d '${summary.replaceAll("'", "\\'")}'`;
}

function fishValue(completion: Completion): string {
  return completion === "files" ? " -r -F" : ` -x -a '${fishWords(completion)}'`;
}

function fishWords(completion: Exclude<Completion, "files">): string {
  if (completion === "nothing") return "";
  return completion === "uplinks" ? `(${uplinkNames.replaceAll("'", "\\'")})` : completion.join(" ");
}
