/**
 * Makes the program of the control plane: its database, brought to the newest migration; its keys; the control of the VPN; and the HTTP by which it is
 * asked. What is made registers its end, so that a start that fails leaves nothing.
 */
import { Devices } from "@ropewalk/entry/io/devices";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { sleep } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { supervise } from "@ropewalk/kernel/supervise";
import { seconds } from "@ropewalk/kernel/units";
import type { RootLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import type { CommandContext } from "../../command-context.ts";
import type { Assembly } from "../assembly.ts";
import { chance } from "../chance.ts";
import { type ConfigurationSource, type DaemonOptions, startDaemon } from "../daemon.ts";
import { registerProgramMetrics } from "../node-metrics.ts";
import type { Stoppable } from "../until-stopped.ts";
import { openDatabase } from "./entry-database.ts";
import { readiness, requireGates } from "./entry-facts.ts";
import { claimEntryPlaces } from "./entry-places.ts";
import { adminKeyFile, entrySecrets, requirePresharedSecret } from "./entry-secrets.ts";

export interface RunningEntry extends Stoppable {
  readonly log: RootLog;
  readonly url: string;
  /** Where its own admin key is; undefined: keys are given. */
  readonly adminKeyFile: string | undefined;
  /** Files that this start made. */
  readonly made: readonly string[];
}

const deadlines = { draining: seconds(6), persisting: seconds(6), "clean-up": seconds(15) };
const freeEvery = seconds(10);
const mostAtOnce = 500;

/** Resolves when it answers. Throws AppError, OpsError and EntryError; nothing is left then. */
export function startEntry(context: CommandContext, options: DaemonOptions): Promise<RunningEntry> {
  const check = ({ values }: Assembly["config"]) => requireGates(values.entry);
  return startDaemon(context, options, { name: "entry", deadlines, check }, assemble);
}

async function assemble(assembly: Assembly, { configuration }: ConfigurationSource): Promise<RunningEntry> {
  const { context, config, log, health, shutdown } = assembly;
  const { entry } = config.values;
  const places = claimEntryPlaces(context);
  const kept = new AsyncDisposableStack();
  kept.use(places);
  shutdown.register("clean-up", { name: "database and folders", run: () => kept.disposeAsync() });
  const secrets = entrySecrets(entry, places.state);
  const { database } = kept.use(await openDatabase(entry, places, context, log, () => void loadServers()));
  const { makeControl, serveHttp } = await loadServers();
  for (const name of await migrate(database, await readMigrations()))
    log.info({ migration: name }, "a migration was applied");
  await requirePresharedSecret(secrets.presharedKeys, database);
  const metrics = createMetrics();
  registerProgramMetrics(metrics, { version: context.version, log, health });
  const {
    control,
    port,
    readAgain: readNodesAgain,
  } = await makeControl(assembly, { database, metrics, presharedKeys: secrets.presharedKeys });
  const devices = new Devices(database);
  freeKeys(assembly, devices);
  const parts = { control, database, devices, secrets, metrics };
  const http = await serveHttp(assembly, { ...parts, readiness: () => readiness(entry, database, control) });
  const ownKey = entry.admin.keys === undefined ? adminKeyFile(places.state) : undefined;
  log.info(
    {
      url: http.url,
      nodes: port ?? "off",
      adminKey: ownKey ?? "given",
      config: configuration.file.path,
      version: context.version,
    },
    "entry runs",
  );
  return {
    ...{ log, url: http.url, adminKeyFile: ownKey, made: secrets.made },
    reload: async () => {
      http.readAgain();
      readNodesAgain();
      log.info({}, "certificates are read again when they change; the rest of the configuration when entry starts");
    },
    stop: (reason) => shutdown.begin(reason),
  };
}

/** A third of what the program is made of, and of a start: an own database gets ready meanwhile. */
async function loadServers() {
  const [{ makeControl }, { serveHttp }] = await Promise.all([import("./entry-control.ts"), import("./entry-http.ts")]);
  return { makeControl, serveHttp };
}

/** Keys of removed devices become free when no node may have them. */
function freeKeys({ context: { clock }, log, shutdown }: Assembly, devices: Devices): void {
  const stopping = new AbortController();
  const freeing = supervise(
    {
      name: "keys of removed devices",
      run: async (signal) => {
        while (!signal.aborted) {
          const freed = await devices.free(mostAtOnce);
          if (freed < mostAtOnce) await sleep(clock, "keys of removed devices", freeEvery, signal);
        }
      },
      onFailure: ({ error }) => log.warn({ reason: describeError(error) }, "keys of removed devices are not freed yet"),
      backoff: { first: seconds(1), longest: seconds(30) },
    },
    { clock, chance },
    stopping.signal,
  );
  shutdown.register("persisting", {
    name: "keys of removed devices",
    run: async () => {
      stopping.abort();
      await freeing;
    },
  });
}
