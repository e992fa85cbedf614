/** The commands of the tunnel, besides those that try a handshake alone. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const config: OptionSpec = {
  name: "config",
  summary: "the configuration file (else ROPEWALK_CONFIG, else the default place)",
  value: { name: "FILE", completion: "files" },
};
const role: OptionSpec = {
  name: "role",
  summary: "which end, where both run here",
  value: { name: "ROLE", completion: ["source", "destination"] },
};

const running = `Logs go to standard error. SIGHUP reads the configuration again, as a changed file does; SIGINT and SIGTERM
let streams finish for 30 s, and a second one ends it at once. docs/operating/tunnel.md says how to set it up.`;

export const tunnelCommands: readonly CommandSpec[] = [
  {
    words: ["tunnel", "try"],
    summary: "run both ends here in front of a small service, and cut the line between them",
    detail: `Nothing needs to be set up: certificates are made for the occasion, all of it is on loopback, and nothing is
left. Exit code 1 when the download that it makes did not bear the cuts.`,
    options: [
      json,
      { name: "for", summary: 'end it after so long, "10s"', value: { name: "DURATION", completion: "nothing" } },
      {
        name: "cut-every",
        summary: 'cut the line again and again, "5s"',
        value: { name: "DURATION", completion: "nothing" },
      },
      {
        name: "mode",
        summary: "the key exchange (else mlkem768, since the keys of hybrid take seconds to make)",
        value: { name: "MODE", completion: ["hybrid", "mlkem768"] },
      },
    ],
    operands: [],
    load: () => import("../commands/tunnel-try.ts"),
  },
  {
    words: ["tunnel", "source"],
    summary: "run the end of a tunnel that exposes ports here: [tunnel.source]",
    detail: running,
    options: [config],
    operands: [],
    load: () => import("../commands/tunnel-source.ts"),
  },
  {
    words: ["tunnel", "destination"],
    summary: "run the end of a tunnel that connects to services: [tunnel.destination]",
    detail: running,
    options: [config],
    operands: [],
    load: () => import("../commands/tunnel-destination.ts"),
  },
  {
    words: ["tunnel", "status"],
    summary: "show the lane, the sessions and the places of the tunnel that runs here",
    options: [json, { name: "watch", summary: "stay, and show it again each second" }, role],
    operands: [],
    load: () => import("../commands/tunnel-status.ts"),
  },
  {
    words: ["tunnel", "streams"],
    summary: "list what goes through the tunnel now, one stream a line",
    options: [json, role],
    operands: [],
    load: () => import("../commands/tunnel-streams.ts"),
  },
  {
    words: ["tunnel", "events"],
    summary: "stay, and print what the tunnel tells: lanes lost and found, sessions, refusals",
    options: [json, role],
    operands: [],
    load: () => import("../commands/tunnel-events.ts"),
  },
  {
    words: ["tunnel", "refresh"],
    summary: "make a new lane now, with a whole new handshake; streams go over to it",
    options: [json, role],
    operands: [],
    load: () => import("../commands/tunnel-refresh.ts"),
  },
  {
    words: ["tunnel", "reload"],
    summary: "make the tunnel that runs here read its configuration again; streams stay",
    options: [json, role],
    operands: [],
    load: () => import("../commands/tunnel-reload.ts"),
  },
  {
    words: ["tunnel", "drain"],
    summary: "let the streams of the tunnel finish, take no new ones, and stop it",
    options: [json, role],
    operands: [],
    load: () => import("../commands/tunnel-drain.ts"),
  },
];
