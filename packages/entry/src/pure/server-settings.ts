/**
 * How the own server is set: for a small database beside a daemon, safe on the disk, frugal with memory, and reached by nobody but its owner.
 * The words are of the command line, where they go before what a file in the folder of data says.
 */

/** Text, numbers with units as PostgreSQL writes them. */
const settings: Readonly<Record<string, string>> = {
  // Nobody but who may open the socket: no port, and a file that is its owner's alone.
  listen_addresses: "",
  unix_socket_permissions: "0700",
  // What was committed is on the disk.
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  shared_buffers: "32MB",
  huge_pages: "off",
  work_mem: "2MB",
  maintenance_work_mem: "16MB",
  wal_buffers: "1MB",
  max_connections: "60",
  autovacuum_max_workers: "1",
  autovacuum_naptime: "15s",
  max_worker_processes: "1",
  max_parallel_workers: "0",
  max_parallel_workers_per_gather: "0",
  jit: "off",
  // No other server follows this one.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_replication_slots: "0",
  max_logical_replication_workers: "0",
  min_wal_size: "64MB",
  max_wal_size: "256MB",
  // What a failed statement said may be a customer's: the client is told, the log is not.
  log_destination: "stderr",
  logging_collector: "off",
  log_min_messages: "log",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
  log_line_prefix: "",
  log_timezone: "UTC",
  timezone: "UTC",
};

/** Without it, 18 and later have processes that read for others, each with memory of its own. */
const since18: Readonly<Record<string, string>> = { io_method: "sync" };

export interface ServerPlaces {
  readonly data: string;
  readonly sockets: string;
  /** Files that say who may connect, and as whom. */
  readonly rules: string;
  readonly owners: string;
}

export function serverArguments(major: number, places: ServerPlaces): readonly string[] {
  const all = {
    ...settings,
    ...(major >= 18 ? since18 : {}),
    unix_socket_directories: quoted(places.sockets),
    hba_file: places.rules,
    ident_file: places.owners,
  };
  return ["-D", places.data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

/** "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" is of major version 15. */
export function majorVersion(told: string): number | undefined {
  const major = /\(PostgreSQL\) (\d{1,4})(?:\.\d+|beta\d+|rc\d+|devel)/.exec(told)?.[1];
  return major === undefined ? undefined : Number(major);
}

/** In a list of folders, where a comma would end one. */
function quoted(folder: string): string {
  return `"${folder.replaceAll('"', '""')}"`;
}
