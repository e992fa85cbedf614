/** What a person or a script may tell the lab, as text and as a union. Parsing is total: bad text gives a reason. */
import type { Millis } from "@ropewalk/kernel/units";
import { parseDuration, parseOr } from "./quantities.ts";
import type { UplinkOptions } from "./topology.ts";
import { readUplinkCommand, type UplinkCommand } from "./uplink-command.ts";

export type Command =
  | UplinkCommand
  | { readonly kind: "add"; readonly name: string | undefined; readonly options: UplinkOptions }
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
  { usage: "bloat UPLINK TIME|off", meaning: "a download fills the queue towards edge to this length, e.g. 2s" },
  { usage: "portal UPLINK", meaning: "put it behind a captive portal" },
  { usage: "intercept UPLINK", meaning: "the ISP accepts every TCP connection, with a certificate for another name" },
  { usage: "hijack UPLINK", meaning: "every DNS question is answered with the address of the ISP's page" },
  { usage: "slowdns UPLINK [TIME]", meaning: "every DNS answer comes late, by 3s unless said otherwise" },
  { usage: "no UPLINK icmp|tcp|udp", meaning: "swallow that protocol" },
  { usage: "only UPLINK icmp|tcp|udp", meaning: "swallow every other protocol" },
  { usage: "deafen UPLINK", meaning: "only the gateway answers" },
  { usage: "kill UPLINK ipv4|ipv6", meaning: "swallow that family" },
  { usage: "mtu UPLINK OCTETS|off", meaning: "swallow larger packets without a word" },
  { usage: "renumber UPLINK", meaning: "give it a new subnet, address and gateway; by DHCP at the next renewal" },
  { usage: "expire UPLINK", meaning: "DHCP falls silent until its lease has run out" },
  { usage: "strict UPLINK", meaning: "strict rp_filter on edge's interface" },
  { usage: "unroute UPLINK", meaning: "take edge's default routes by it away" },
  { usage: "rename UPLINK NAME", meaning: "rename its interface" },
  { usage: "add [NAME] [dhcp|shared|identical]", meaning: "one more uplink; by DHCP, or in one subnet with others" },
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
      return readAdd(words);
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

/** The last word says how the uplink is when it is a word for that; before it there may be a name. */
function readAdd(words: readonly string[]): Command | undefined {
  const options = uplinkWords.get(words.at(-1) ?? "");
  const names = options === undefined ? words : words.slice(0, -1);
  return names.length > 1 ? undefined : { kind: "add", name: names[0], options: options ?? {} };
}

const uplinkWords: ReadonlyMap<string, UplinkOptions> = new Map<string, UplinkOptions>([
  ["static", {}],
  ["dhcp", { addressing: "dhcp" }],
  ["shared", { subnet: "shared" }],
  ["identical", { subnet: "identical" }],
]);
