/** The command line of `npm run lab`. */
import { parseCommand, splitScript } from "./command.ts";
import { type Ifindexes, mostUplinks } from "./topology.ts";

export interface MainOptions {
  readonly uplinks: number;
  readonly ifindexes: Ifindexes;
  /** Undefined: commands come from standard input. */
  readonly script: readonly string[] | undefined;
  readonly output: "text" | "json";
  /** The file of Ropewalk's program; undefined: this clone's. */
  readonly program: string | undefined;
}

export interface DemoChoice {
  /** `site`: what Ropewalk does for a call and a download. `tunnel`: what it does for streams in its tunnel. `mesh`: three nodes. `vpn`: a session. */
  readonly of: "site" | "tunnel" | "mesh" | "vpn";
  readonly pace: "full" | "quick";
  readonly output: "text" | "json";
  readonly program: string | undefined;
}

export type ReadOptions =
  | { readonly kind: "run"; readonly options: MainOptions }
  | { readonly kind: "demo"; readonly options: DemoChoice }
  | { readonly kind: "invalid"; readonly reason: string };

export interface RawOptions {
  readonly uplinks: string | undefined;
  readonly ifindexes: string | undefined;
  readonly script: string | undefined;
  readonly json: boolean | undefined;
  readonly quick: boolean | undefined;
  readonly program: string | undefined;
  /** What is no option: nothing, `demo`, `tunnel`, `mesh` or `vpn`. */
  readonly words: readonly string[];
}

export const mainUsage: string = `Usage: npm run lab -- [--uplinks 1..${mostUplinks}] [--ifindexes equal|unequal] [--script "COMMAND; ..."] [--json] [--program FILE]
       npm run lab -- demo [--quick] [--json] [--program FILE]
       npm run lab -- tunnel [--quick] [--json] [--program FILE]
       npm run lab -- mesh [--quick] [--json] [--program FILE]
       npm run lab -- vpn [--quick] [--json] [--program FILE]

Opens a small internet in network namespaces: a site with several uplinks, their ISPs, resolvers and targets.
Without --script it reads commands from the terminal or from standard input. Nothing is left when it ends.
"demo" shows in a minute what Ropewalk does for a call and a download when uplinks die and come back.
"mesh" shows three nodes that find each other, and what it costs them when the one between dies or changes its uplink.
"tunnel" shows an ssh session and a download of 1 GiB that live through the same, in Ropewalk's tunnel.
"vpn" shows a customer's session at an exit: its page goes on while entry and the exit's program die, and ends with the session.

  --uplinks N        how many uplinks edge has, default 3
  --ifindexes KIND   equal (default): both ends of a link have one ifindex, as hardware has; the kernel then
                     throttles link events. unequal: every link event is told at once
  --script TEXT      commands divided by ";", the first failure ends it
  --json             one JSON object a line for each command; of a demo one object at its end
  --quick            a demo of short steps
  --program FILE     runs that Ropewalk, such as build/package/dist/main.js after npm run build, and not this clone's sources

Exit status: 0; 1 a command failed, or a demo came out otherwise than said; 2 called wrongly; 3 this machine cannot
have a lab; 130 a demo was stopped with Ctrl-C.
`;

const demos: ReadonlyMap<string, DemoChoice["of"]> = new Map([
  ["demo", "site"],
  ["tunnel", "tunnel"],
  ["mesh", "mesh"],
  ["vpn", "vpn"],
]);

/** A script is checked whole before anything is started. */
export function readMainOptions(raw: RawOptions): ReadOptions {
  const [verb, ...more] = raw.words;
  const demo = verb === undefined ? undefined : demos.get(verb);
  if (demo !== undefined && more.length === 0) return readDemo(raw, demo);
  if (verb !== undefined) return { kind: "invalid", reason: `"${raw.words.join(" ")}" is nothing that the lab does` };
  if (raw.quick === true) return { kind: "invalid", reason: "--quick is for a demo" };
  const uplinks = Number(raw.uplinks ?? "3");
  if (!Number.isInteger(uplinks) || uplinks < 1 || uplinks > mostUplinks) {
    return { kind: "invalid", reason: `--uplinks takes 1 to ${mostUplinks}, not "${raw.uplinks}"` };
  }
  const ifindexes = raw.ifindexes ?? "equal";
  if (ifindexes !== "equal" && ifindexes !== "unequal") {
    return { kind: "invalid", reason: `--ifindexes takes equal or unequal, not "${ifindexes}"` };
  }
  const script = raw.script === undefined ? undefined : splitScript(raw.script);
  for (const line of script ?? []) {
    const parsed = parseCommand(line);
    if (parsed.kind === "invalid") return { kind: "invalid", reason: `--script, at "${line}": ${parsed.reason}` };
  }
  return { kind: "run", options: { uplinks, ifindexes, script, output: outputOf(raw), program: raw.program } };
}

function readDemo(raw: RawOptions, of: DemoChoice["of"]): ReadOptions {
  if ([raw.uplinks, raw.ifindexes, raw.script].some((option) => option !== undefined))
    return { kind: "invalid", reason: "a demo builds its own lab and takes --quick, --json and --program only" };
  const { quick, program } = raw;
  return { kind: "demo", options: { of, pace: quick === true ? "quick" : "full", output: outputOf(raw), program } };
}

function outputOf({ json }: RawOptions): MainOptions["output"] {
  return json === true ? "json" : "text";
}
