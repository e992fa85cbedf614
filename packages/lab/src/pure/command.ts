/** What a person or a script may tell the lab, as text and as a union. Parsing is total: bad text gives a reason. */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import type { Directions } from "./nft-plan.ts";
import { parseDirections, parseDuration, parsePercent, parseRate } from "./quantities.ts";

export type Command =
  | { readonly kind: "cut" | "heal" | "portal" | "renumber" | "remove" | "counters"; readonly uplink: string }
  | { readonly kind: "blackhole"; readonly uplink: string; readonly which: Directions }
  | { readonly kind: "lose"; readonly uplink: string; readonly percent: number; readonly which: Directions }
  | { readonly kind: "shape"; readonly uplink: string; readonly rate: BitsPerSecond | undefined }
  | { readonly kind: "delay"; readonly uplink: string; readonly delay: Millis | undefined; readonly jitter: Millis }
  | { readonly kind: "flap"; readonly uplink: string; readonly period: Millis }
  | { readonly kind: "rename"; readonly uplink: string; readonly name: string }
  | { readonly kind: "add"; readonly name: string | undefined }
  | { readonly kind: "disturb"; readonly every: Millis | undefined }
  | { readonly kind: "wait"; readonly duration: Millis }
  | { readonly kind: "shell"; readonly host: string }
  | { readonly kind: "run"; readonly host: string; readonly words: readonly string[] }
  | { readonly kind: "ropewalk"; readonly words: readonly string[] }
  | { readonly kind: "show" | "log" | "help" | "quit" };

export interface CommandHelp {
  readonly usage: string;
  readonly meaning: string;
}

export const commandHelp: readonly CommandHelp[] = [
  { usage: "show", meaning: "draw the lab and the faults in force" },
  { usage: "cut UPLINK", meaning: "take its carrier away" },
  { usage: "heal UPLINK", meaning: "end every fault of it" },
  { usage: "blackhole UPLINK [tx|rx|both]", meaning: "swallow its packets; the carrier stays" },
  { usage: "lose UPLINK PERCENT [tx|rx|both]", meaning: "drop packets at random" },
  { usage: "shape UPLINK RATE|off", meaning: "narrow it, e.g. 5mbit" },
  { usage: "delay UPLINK TIME|off [JITTER]", meaning: "hold each packet, in each direction, e.g. 80ms 10ms" },
  { usage: "flap UPLINK PERIOD", meaning: "cut and heal it again and again, e.g. 400ms" },
  { usage: "portal UPLINK", meaning: "put it behind a captive portal" },
  { usage: "renumber UPLINK", meaning: "give it a new subnet, address and gateway" },
  { usage: "rename UPLINK NAME", meaning: "rename its interface" },
  { usage: "add [NAME]", meaning: "one more uplink" },
  { usage: "remove UPLINK", meaning: "take its interface away" },
  { usage: "counters UPLINK", meaning: "what its ISP counted, by address" },
  { usage: "disturb EVERY|off", meaning: "link events in foreign networks, e.g. every 200ms" },
  { usage: "shell HOST", meaning: "a shell in a host" },
  { usage: "run HOST -- COMMAND ...", meaning: "a program in a host" },
  {
    usage: "ropewalk up | ropewalk ...",
    meaning: "start Ropewalk in edge; any other verb runs there and shows its answer",
  },
  { usage: "log", meaning: "what that Ropewalk printed" },
  { usage: "wait TIME", meaning: "do nothing, for scripts" },
  { usage: "help, quit", meaning: "" },
];

export type Parsed =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "empty" }
  | { readonly kind: "invalid"; readonly reason: string };

/** One command. Words are divided by blanks; there is no quoting, so `run HOST -- sh -c …` takes one word. */
export function parseCommand(text: string): Parsed {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const [verb, ...rest] = words;
  if (verb === undefined) return { kind: "empty" };
  const command = readCommand(verb, rest);
  if (command !== undefined) return { kind: "command", command };
  const usages = commandHelp.filter(({ usage }) => usage.split(/[ ,]/).includes(verb)).map(({ usage }) => usage);
  const reason = usages.length > 0 ? `say: ${usages.join(" or ")}` : `there is no command "${verb}"; "help" lists them`;
  return { kind: "invalid", reason };
}

/** The commands of a script, divided by semicolons or lines. */
export function splitScript(text: string): readonly string[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function readCommand(verb: string, words: readonly string[]): Command | undefined {
  const [first, second, third] = words;
  switch (verb) {
    case "show":
    case "log":
    case "help":
    case "quit":
      return words.length === 0 ? { kind: verb } : undefined;
    case "add":
      return words.length <= 1 ? { kind: "add", name: first } : undefined;
    case "wait": {
      const duration = parseDuration(first ?? "");
      return duration === undefined || words.length > 1 ? undefined : { kind: "wait", duration };
    }
    case "disturb": {
      const every = parseOr("off", first, parseDuration);
      return every === "invalid" || words.length !== 1 ? undefined : { kind: "disturb", every };
    }
    case "ropewalk":
      return words.length === 0 ? undefined : { kind: "ropewalk", words };
    case "shell":
      return first === undefined || words.length > 1 ? undefined : { kind: "shell", host: first };
    case "run":
      return first === undefined || second !== "--" || third === undefined
        ? undefined
        : { kind: "run", host: first, words: words.slice(2) };
    default:
      return first === undefined ? undefined : readUplinkCommand(verb, first, words.slice(1));
  }
}

function readUplinkCommand(verb: string, uplink: string, words: readonly string[]): Command | undefined {
  const [first, second] = words;
  if (words.length > 2) return undefined;
  switch (verb) {
    case "cut":
    case "heal":
    case "portal":
    case "renumber":
    case "remove":
    case "counters":
      return words.length === 0 ? { kind: verb, uplink } : undefined;
    case "blackhole": {
      const which = parseDirections(first ?? "both");
      return which === undefined || words.length > 1 ? undefined : { kind: "blackhole", uplink, which };
    }
    case "lose": {
      const percent = parsePercent(first ?? "");
      const which = parseDirections(second ?? "both");
      return percent === undefined || which === undefined ? undefined : { kind: "lose", uplink, percent, which };
    }
    case "shape": {
      const rate = parseOr("off", first, parseRate);
      return rate === "invalid" || words.length !== 1 ? undefined : { kind: "shape", uplink, rate };
    }
    case "delay": {
      const delay = parseOr("off", first, parseDuration);
      const jitter = parseDuration(second ?? "0ms");
      return delay === "invalid" || jitter === undefined ? undefined : { kind: "delay", uplink, delay, jitter };
    }
    case "flap": {
      const period = parseDuration(first ?? "");
      return period === undefined || words.length !== 1 ? undefined : { kind: "flap", uplink, period };
    }
    case "rename":
      return first === undefined || words.length !== 1 ? undefined : { kind: "rename", uplink, name: first };
    default:
      return undefined;
  }
}

/** Undefined for the word that means "none". */
function parseOr<T>(none: string, word: string | undefined, parse: (text: string) => T | undefined) {
  if (word === none) return undefined;
  return parse(word ?? "") ?? "invalid";
}
