/** The commands of an exit node of the VPN. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const config: OptionSpec = {
  name: "config",
  summary: "the configuration file (else ROPEWALK_CONFIG, else the default place)",
  value: { name: "FILE", completion: "files" },
};

export const coreCommands: readonly CommandSpec[] = [
  {
    words: ["core"],
    summary: "run this machine's exit of the VPN: [core]",
    detail: `Logs go to standard error. SIGHUP reads the certificates again; SIGINT and SIGTERM stop the program and leave
the tunnels: their traffic goes on until their leases end. docs/operating/vpn-exit.md says how to set it up.`,
    options: [config],
    operands: [],
    load: () => import("../commands/core.ts"),
  },
  {
    words: ["core", "status"],
    summary: "show whom the exit that runs here carries, and what is amiss",
    options: [json],
    operands: [],
    load: () => import("../commands/core-status.ts"),
  },
  {
    words: ["core", "peers"],
    summary: "list the peers of the exit, one a line, with what is left of their leases",
    options: [json],
    operands: [],
    load: () => import("../commands/core-peers.ts"),
  },
  {
    words: ["core", "reconcile"],
    summary: "compare the device with what is to be there now, and write the difference",
    options: [json],
    operands: [],
    load: () => import("../commands/core-reconcile.ts"),
  },
  {
    words: ["core", "purge"],
    summary: "end every tunnel of an exit that was stopped: device, firewall and settings",
    detail: `The key and the leases stay in the state folder. Refused while the exit runs.`,
    options: [json, config],
    operands: [],
    load: () => import("../commands/core-purge.ts"),
  },
];
