/** The commands of the control plane. */
import type { CommandSpec, OptionSpec } from "./command.ts";

const json: OptionSpec = { name: "json", summary: "print JSON for programs instead of text for people" };
const config: OptionSpec = {
  name: "config",
  summary: "the configuration file (else ROPEWALK_CONFIG, else the default place)",
  value: { name: "FILE", completion: "files" },
};
const backupFile = { name: "FILE", completion: "files" } as const;

export const entryCommands: readonly CommandSpec[] = [
  {
    words: ["entry"],
    summary: "run the control plane of the VPN: [entry]",
    detail: `Without entry.database.url it runs a PostgreSQL of its own. The first start makes an admin key and a key for
tokens, and prints where they are. SIGHUP reads certificates again; SIGINT and SIGTERM stop it when what is
asked has been answered. docs/operating/entry.md says how to set it up.`,
    options: [config],
    operands: [],
    load: () => import("../commands/entry.ts"),
  },
  {
    words: ["entry", "backup"],
    summary: "write all rows of entry's database into a file, while it runs or not",
    detail: "Nothing may be at FILE. Only its owner may read it: it holds what the database holds.",
    options: [config, json],
    operands: [{ ...backupFile, summary: "where the backup is to be" }],
    load: () => import("../commands/entry-backup.ts"),
  },
  {
    words: ["entry", "restore"],
    summary: "put a backup into an empty database; entry must not run",
    detail: "All of it or nothing. Exit code 1 where something is in the database, or the file is damaged or newer.",
    options: [config, json],
    operands: [{ ...backupFile, summary: "a backup" }],
    load: () => import("../commands/entry-restore.ts"),
  },
  {
    words: ["entry", "migrate"],
    summary: "bring entry's database to the newest migration, as each start does",
    options: [config, json],
    operands: [],
    load: () => import("../commands/entry-migrate.ts"),
  },
  {
    words: ["entry", "readiness"],
    summary: "say what stands between the entry that runs here and production",
    detail: "Exit code 1 where a gate fails.",
    options: [config, json],
    operands: [],
    load: () => import("../commands/entry-readiness.ts"),
  },
  {
    words: ["entry", "nodes"],
    summary: "list the nodes that are registered, and how each is, as it told last",
    options: [config, json],
    operands: [],
    load: () => import("../commands/entry-nodes.ts"),
  },
  {
    words: ["entry", "node", "add"],
    summary: "register an exit by the name that its certificate has",
    options: [
      { name: "region", summary: "where it is", value: { name: "REGION", completion: "nothing" }, isRequired: true },
      { name: "country", summary: 'its code, "AT"', value: { name: "CODE", completion: "nothing" } },
      { name: "city", summary: "where it is, closer", value: { name: "CITY", completion: "nothing" } },
      { name: "pool", summary: "what it is for", value: { name: "POOL", completion: "nothing" } },
      config,
      json,
    ],
    operands: [{ name: "NAME", summary: "letters, digits and -", completion: "nothing" }],
    load: () => import("../commands/entry-node-add.ts"),
  },
  {
    words: ["entry", "customer", "add"],
    summary: "make a customer, and sign a token for him",
    options: [config, json],
    operands: [],
    load: () => import("../commands/entry-customer-add.ts"),
  },
];
