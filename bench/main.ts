/** `npm run bench -- NAME [OPTIONS]`: runs one measurement and prints its table, with `--json` one object, with `--markdown` a table for the README. */
import { parseArgs } from "node:util";
import { describeError } from "@ropewalk/kernel/errors";
import { renderMarkdown } from "./markdown-report.ts";
import { type RaceOptions, type RaceReport, renderReport } from "./race.ts";

interface Race {
  readonly about: string;
  readonly load: () => Promise<{ readonly race: (options: RaceOptions) => Promise<RaceReport> }>;
}

const races: Readonly<Record<string, Race>> = {
  observation: {
    about:
      "how soon a subscriber is told of a cut, a flap, a new uplink, address, gateway or name (--trials N, --only PART)",
    load: () => import("./observation.ts"),
  },
  detection: {
    about:
      "how soon a silent blackhole is found, by Ropewalk and by others (--trials N, --rounds N, --rtt 0,50, --only ours|peers|eco|NAME)",
    load: () => import("./detection.ts"),
  },
  failover: {
    about:
      "what is lost, and for how long, when an uplink dies under traffic, with Ropewalk and with others (--trials N, --rounds N, --only PART, --who ours|peers|NAME, --rtt 0,10, --minutes N)",
    load: () => import("./failover.ts"),
  },
  handshake: {
    about:
      "what the tunnel's handshake takes, beside OpenSSL, Node's TLS and stunnel; its keys; floods, half-open connections, a slow line (--rounds N, --trials N of first contacts, --only PART)",
    load: () => import("./handshake.ts"),
  },
  tunnel: {
    about:
      "what the tunnel carries, how soon and at what cost, beside stunnel, ssh -L and spiped (--rounds N, --seconds N of a run, --minutes N of refreshes, --trials N of opens, --only PART, --who ours|peers|NAME)",
    load: () => import("./tunnel.ts"),
  },
  mesh: {
    about:
      "how soon nodes of the mesh find each other, six as services and a thousand simulated; octets and cost of announces; an idle node; beside Reticulum where RNS_PYTHON names a python that has it (--rounds N, --trials N of a thousand nodes, --minutes N of idle ones, --from dist|source, --only PART, --unmemoised)",
    load: () => import("./mesh.ts"),
  },
  messages: {
    about:
      "messages of the mesh: octets on the wire, how many a second over five hops with all of them durable, what they cost each node, a relay alone, meetings of two stores; beside what LXMF and Reticulum have published (--rounds N, --only PART)",
    load: () => import("./messages.ts"),
  },
  vpn: {
    about:
      "sessions of the VPN: from a request to the first echo through the exit, how many a second begin and end, what ten thousand peers cost an exit; beside wireguard-go alone (--trials N of customers or peers, --rounds N of sessions a second, --seconds N, --only echo|cycles|peers)",
    load: () => import("./vpn.ts"),
  },
  stall: {
    about: "uplinks called down because the daemon itself was stopped for 0.5 to 5 s (--trials N)",
    load: () => import("./stall.ts"),
  },
  "eco-cost": {
    about:
      "what probing costs an idle metered uplink in a day, as its ISP counts it (--minutes N, --after N of settling)",
    load: () => import("./eco-cost.ts"),
  },
  pathology: {
    about: "eighteen broken networks and what the daemon says of each, as a confusion matrix (--only PART-OF-NAME)",
    load: () => import("./pathology.ts"),
  },
  idle: {
    about:
      "processor, memory, growth and processes of an idle daemon (--profile none|normal|normal-ipv4|fast|fast-both, --minutes N, --from dist|source)",
    load: () => import("./idle.ts"),
  },
};

const everyOption = {
  json: { type: "boolean", default: false },
  markdown: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  trials: { type: "string" },
  rounds: { type: "string" },
  rtt: { type: "string" },
  only: { type: "string" },
  who: { type: "string" },
  seconds: { type: "string" },
  minutes: { type: "string" },
  after: { type: "string" },
  from: { type: "string" },
  profile: { type: "string" },
  unmemoised: { type: "boolean", default: false },
} as const;

const list = Object.entries(races).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}\n`);
const usage = `usage: npm run bench -- NAME [--json|--markdown] [OPTIONS]\n${list.join("")}`;

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args);
  if (typeof read === "string") return called(2, `${read}\n\n${usage}`);
  const { values, positionals } = read;
  const [name = "", ...more] = positionals;
  const chosen = Object.hasOwn(races, name) ? races[name] : undefined;
  if (values.help) return called(0, chosen === undefined ? usage : usageOf(name, chosen));
  if (chosen === undefined || more.length > 0) return called(2, usage);
  const { json, markdown, unmemoised, help: _, ...options } = values;
  const { race } = await chosen.load();
  const report = await race({ ...options, unmemoised: unmemoised ? "yes" : undefined });
  const render = markdown ? renderMarkdown : renderReport;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : render(report));
  return report.rows.every((row) => row.met) ? 0 : 1;
}

/** Why it cannot be read, where it cannot. */
function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: everyOption });
  } catch (error) {
    return describeError(error);
  }
}

function usageOf(name: string, { about }: Race): string {
  return `usage: npm run bench -- ${name} [--json|--markdown] [OPTIONS]\n  ${about}\n`;
}

function called(status: 0 | 2, text: string): number {
  (status === 0 ? process.stdout : process.stderr).write(text);
  return status;
}

process.exitCode = await main(process.argv.slice(2));
