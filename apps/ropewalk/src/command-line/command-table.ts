/** Every command of the program. Help, parsing and completion read nothing else. */
import { certCommands } from "./cert-commands.ts";
import type { CommandSpec, OptionSpec } from "./command.ts";
import { shells } from "./completion-script.ts";
import { coreCommands } from "./core-commands.ts";
import { entryCommands } from "./entry-commands.ts";
import { meshCommands } from "./mesh-commands.ts";
import { meshIdCommands } from "./mesh-id-commands.ts";
import { messageCommands } from "./message-commands.ts";
import { tunnelCommands } from "./tunnel-commands.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const config: OptionSpec = {
  name: "config",
  summary: "the configuration file (else ROPEWALK_CONFIG, else the default place)",
  value: { name: "FILE", completion: "files" },
};

const tunnelIdentity: readonly OptionSpec[] = [
  { name: "cert", summary: "this end's certificate", value: { name: "FILE", completion: "files" } },
  { name: "key", summary: "its key, of mode 0600", value: { name: "FILE", completion: "files" } },
  { name: "kem-key", summary: "its McEliece key, for mode hybrid", value: { name: "FILE", completion: "files" } },
  { name: "ca", summary: "a CA that is trusted", value: { name: "FILE", completion: "files" }, isRepeatable: true },
  {
    name: "crl",
    summary: "what a CA has revoked; with one, there must be one of every CA",
    value: { name: "FILE", completion: "files" },
    isRepeatable: true,
  },
  { name: "mode", summary: "the key exchange", value: { name: "MODE", completion: ["hybrid", "mlkem768"] } },
];

const uplinkName = {
  name: "NAME",
  summary: "interface name, label or id of the uplink",
  completion: "uplinks",
} as const;

const families = ["ipv4", "ipv6"];

const configurationDetail = `Configuration: --config, else ROPEWALK_CONFIG, else /etc/ropewalk/ropewalk.toml (root) or
$XDG_CONFIG_HOME/ropewalk/ropewalk.toml. A default file that is absent is fine; a named one must exist.`;

export const commands: readonly CommandSpec[] = [
  {
    words: ["up"],
    summary: "run this machine's node and show what it sees",
    detail: `${configurationDetail}\nCtrl-C stops it, and so does closing its terminal.`,
    options: [config],
    operands: [],
    load: () => import("../commands/up.ts"),
  },
  {
    words: ["node"],
    summary: "run this machine's node under a service manager: logs only",
    detail: `${configurationDetail}\nSIGHUP reads the file again; SIGINT and SIGTERM stop cleanly.`,
    options: [config],
    operands: [],
    load: () => import("../commands/node.ts"),
  },
  {
    words: ["status"],
    summary: "show how the uplinks are and what traffic uses",
    options: [json, { name: "watch", summary: "stay, and show every change" }],
    operands: [],
    load: () => import("../commands/status.ts"),
  },
  {
    words: ["uplink", "list"],
    summary: "list the uplinks with their addresses, one a line",
    options: [json],
    operands: [],
    load: () => import("../commands/uplink-list.ts"),
  },
  {
    words: ["uplink", "show"],
    summary: "show everything known of one uplink",
    options: [json],
    operands: [uplinkName],
    load: () => import("../commands/uplink-show.ts"),
  },
  {
    words: ["uplink", "explain"],
    summary: "say why uplinks are judged and chosen as they are, with the evidence",
    detail: `Without NAME, every uplink. First what works and what is chosen, with the alternatives that were
rejected; then each uplink's states, figures and probes; then the latest changes.`,
    options: [json, { name: "family", summary: "only this family", value: { name: "FAMILY", completion: families } }],
    operands: [{ ...uplinkName, isOptional: true }],
    load: () => import("../commands/uplink-explain.ts"),
  },
  {
    words: ["uplink", "plan"],
    summary: "print what would have to change for traffic to go as was decided",
    detail: `The commands of iproute2 and sysctl that would do it, in order. Nothing is changed.`,
    options: [json],
    operands: [],
    load: () => import("../commands/uplink-plan.ts"),
  },
  {
    words: ["uplink", "use"],
    summary: "use an uplink from now on, until it fails",
    options: [json],
    operands: [uplinkName],
    load: () => import("../commands/uplink-use.ts"),
  },
  {
    words: ["uplink", "pin"],
    summary: "use an uplink for as long as it can be used, also when nothing comes through",
    options: [json],
    operands: [uplinkName],
    load: () => import("../commands/uplink-pin.ts"),
  },
  {
    words: ["uplink", "drain"],
    summary: "put nothing on an uplink while another carries traffic",
    options: [json],
    operands: [uplinkName],
    load: () => import("../commands/uplink-drain.ts"),
  },
  {
    words: ["uplink", "release"],
    summary: "take back what was ordered of an uplink, or of all",
    options: [json],
    operands: [{ ...uplinkName, isOptional: true }],
    load: () => import("../commands/uplink-release.ts"),
  },
  {
    words: ["uplink", "take"],
    summary: "show the plan, ask, and let Ropewalk move traffic",
    detail: `Needs backhaul.monitor_only = false. What it does is given back after
backhaul.confirm_within (60 s) unless it is confirmed: here, when you are asked, or by \`uplink confirm\`.
Who cuts off his own connection to the machine so gets it back.`,
    options: [json, { name: "yes", summary: "do not ask; then confirm by `uplink confirm`" }],
    operands: [],
    load: () => import("../commands/uplink-take.ts"),
  },
  {
    words: ["uplink", "confirm"],
    summary: "keep what `uplink take` did",
    options: [json],
    operands: [],
    load: () => import("../commands/uplink-confirm.ts"),
  },
  {
    words: ["uplink", "purge"],
    summary: "take the wheel back, and everything of Ropewalk's out of the kernel",
    detail: `Where no node answers (it was stopped, or killed) this command does it by itself, as root, and prints
what it did. Until \`uplink take\` the next node changes nothing.`,
    options: [json],
    operands: [],
    load: () => import("../commands/uplink-purge.ts"),
  },
  {
    words: ["replay"],
    summary: "decide once more what was recorded, and say whether it comes out the same",
    detail: `PLACE is a segment of the decision log or a folder of them; without it, the folder of this user's node.
Prints every change of state and choice with its reason. Exit code 1 when anything comes out otherwise.`,
    options: [
      json,
      {
        name: "from",
        summary: "begin with this segment of the folder",
        value: { name: "SEGMENT", completion: "nothing" },
      },
      { name: "quiet", summary: "print nothing but the result" },
    ],
    operands: [{ name: "PLACE", summary: "file or folder of decisions", completion: "files", isOptional: true }],
    load: () => import("../commands/replay.ts"),
  },
  {
    words: ["doctor"],
    summary: "say what this machine lacks, what each lack costs and how to get it",
    options: [json],
    operands: [],
    load: () => import("../commands/doctor.ts"),
  },
  ...meshCommands,
  ...messageCommands,
  ...meshIdCommands,
  ...tunnelCommands,
  ...coreCommands,
  ...entryCommands,
  {
    words: ["tunnel", "probe"],
    summary: "shake hands with a tunnel's destination, and say what was proved",
    detail: `What is not given comes from the configuration, [tunnel]. Without --server-name the destination's
certificate must have HOST among its names, or one of tunnel.allow. Exit code 10 when one end refuses
the other.`,
    options: [
      ...tunnelIdentity,
      {
        name: "server-name",
        summary: "a name that the destination's certificate must have (else HOST)",
        value: { name: "NAME", completion: "nothing" },
      },
      { name: "timeout", summary: 'how long it may take, "10s"', value: { name: "DURATION", completion: "nothing" } },
      { name: "hold", summary: "keep the connection until it ends or Ctrl-C" },
      config,
      json,
    ],
    operands: [{ name: "HOST:PORT", summary: "where the destination listens", completion: "nothing" }],
    load: () => import("../commands/tunnel-probe.ts"),
  },
  {
    words: ["tunnel", "answer"],
    summary: "answer handshakes until stopped, and print who came and who was refused",
    detail: `For trying certificates before there is a tunnel. What is not given comes from the configuration, [tunnel].`,
    options: [...tunnelIdentity, config, json],
    operands: [{ name: "ADDRESS:PORT", summary: "where to listen; port 0 takes a free one", completion: "nothing" }],
    load: () => import("../commands/tunnel-answer.ts"),
  },
  {
    words: ["config", "check"],
    summary: "check the configuration and name every fault",
    options: [config, json],
    operands: [],
    load: () => import("../commands/config-check.ts"),
  },
  {
    words: ["config", "show"],
    summary: "print the configuration in force, defaults included",
    options: [config, json],
    operands: [],
    load: () => import("../commands/config-show.ts"),
  },
  {
    words: ["config", "reload"],
    summary: "make the running node read its configuration again",
    options: [json],
    operands: [],
    load: () => import("../commands/config-reload.ts"),
  },
  ...certCommands,
  {
    words: ["completion"],
    summary: "print the completion script of a shell",
    options: [],
    operands: [{ name: "SHELL", summary: shells.join(", "), completion: shells }],
    load: () => import("../commands/completion.ts"),
  },
];
