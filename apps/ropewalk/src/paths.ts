/**
 * Where this user's Ropewalk keeps its state, its socket and its configuration. Pure: it names places and touches none.
 * Sources: XDG Base Directory Specification 0.8; systemd.exec(5) on RUNTIME_, STATE_, CACHE_ and CONFIGURATION_DIRECTORY.
 */
import { isAbsolute, join } from "node:path";
import { AppError } from "./errors.ts";

export interface PathsInput {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly user: { readonly uid: number; readonly home: string; readonly temporaryDirectory: string };
}

/** A folder of ours. `shared-parent`: others may create things beside it, so it must be proven to be ours. */
export interface OwnDirectory {
  readonly path: string;
  /** With which it is made when it is absent. */
  readonly mode: number;
  readonly parent: "own" | "shared-parent";
}

export interface ConfigPath {
  readonly path: string;
  /** Somebody named this file: that it is absent is a fault. */
  readonly isNamed: boolean;
}

/**
 * The folder of sockets. Order: ROPEWALK_RUNTIME_DIR, systemd, /run/ropewalk for root, XDG, the temporary folder. Others may
 * enter it, since a group may be given the socket; the socket has its own mode.
 */
export function runtimeDirectory({ environment, user }: PathsInput): OwnDirectory {
  const own = (path: string): OwnDirectory => ({ path, mode: 0o755, parent: "own" });
  const named = absolute(environment, "ROPEWALK_RUNTIME_DIR") ?? firstOf(environment["RUNTIME_DIRECTORY"]);
  if (named !== undefined) return own(named);
  if (user.uid === 0) return own(systemRuntimeDirectory);
  const xdg = xdgPath(environment["XDG_RUNTIME_DIR"]);
  if (xdg !== undefined) return own(join(xdg, "ropewalk"));
  return { path: join(user.temporaryDirectory, `ropewalk-${user.uid}`), mode: 0o700, parent: "shared-parent" };
}

/** The folder of what survives a restart. Order: ROPEWALK_STATE_DIR, systemd, /var/lib/ropewalk for root, XDG. */
export function stateDirectory({ environment, user }: PathsInput): OwnDirectory {
  const own = (path: string): OwnDirectory => ({ path, mode: 0o700, parent: "own" });
  const named = absolute(environment, "ROPEWALK_STATE_DIR") ?? firstOf(environment["STATE_DIRECTORY"]);
  if (named !== undefined) return own(named);
  if (user.uid === 0) return own("/var/lib/ropewalk");
  return own(join(xdgPath(environment["XDG_STATE_HOME"]) ?? join(user.home, ".local/state"), "ropewalk"));
}

/**
 * The folder of what can be made anew. Order: systemd, /var/cache/ropewalk for root, XDG. Root's is not by HOME: sudo may leave another's, who could
 * put there what root then runs.
 */
export function cacheDirectory({ environment, user }: PathsInput): OwnDirectory {
  const own = (path: string): OwnDirectory => ({ path, mode: 0o700, parent: "own" });
  const given = firstOf(environment["CACHE_DIRECTORY"]);
  if (given !== undefined) return own(given);
  if (user.uid === 0) return own("/var/cache/ropewalk");
  return own(join(xdgPath(environment["XDG_CACHE_HOME"]) ?? join(user.home, ".cache"), "ropewalk"));
}

/** The configuration file: `named` (from --config), ROPEWALK_CONFIG, systemd's folder, the system's for root, else the user's. */
export function configPath({ environment, user }: PathsInput, named: string | undefined): ConfigPath {
  const explicit = named ?? nonEmpty(environment["ROPEWALK_CONFIG"]);
  if (explicit !== undefined) return { path: explicit, isNamed: true };
  const given = firstOf(environment["CONFIGURATION_DIRECTORY"]);
  if (given !== undefined) return { path: join(given, "ropewalk.toml"), isNamed: false };
  if (user.uid === 0) return { path: "/etc/ropewalk/ropewalk.toml", isNamed: false };
  const xdg = xdgPath(environment["XDG_CONFIG_HOME"]) ?? join(user.home, ".config");
  return { path: join(xdg, "ropewalk/ropewalk.toml"), isNamed: false };
}

/** The sockets at which a daemon may answer this user: their own first, then the machine's. */
export function socketCandidates(input: PathsInput): readonly string[] {
  const own = socketPath(runtimeDirectory(input).path);
  const isChosen = nonEmpty(input.environment["ROPEWALK_RUNTIME_DIR"]) !== undefined;
  return isChosen ? [own] : [...new Set([own, socketPath(systemRuntimeDirectory)])];
}

export function socketPath(directory: string): string {
  return join(directory, "ropewalk.sock");
}

/** The sockets at which a daemon of the tunnel may answer this user; each unit of systemd's has a folder of its own. */
export function tunnelSocketCandidates(input: PathsInput, role: TunnelRole): readonly string[] {
  const own = tunnelSocketPath(runtimeDirectory(input).path, role);
  const isChosen = nonEmpty(input.environment["ROPEWALK_RUNTIME_DIR"]) !== undefined;
  const system = [systemRuntimeDirectory, `${systemRuntimeDirectory}-tunnel-${role}`];
  return isChosen ? [own] : [...new Set([own, ...system.map((folder) => tunnelSocketPath(folder, role))])];
}

export type TunnelRole = "source" | "destination";

export function tunnelSocketPath(directory: string, role: TunnelRole): string {
  return join(directory, `tunnel-${role}.sock`);
}

/** The sockets at which the program of an exit node may answer this user. */
export function coreSocketCandidates(input: PathsInput): readonly string[] {
  const own = coreSocketPath(runtimeDirectory(input).path);
  const isChosen = nonEmpty(input.environment["ROPEWALK_RUNTIME_DIR"]) !== undefined;
  const system = [systemRuntimeDirectory, `${systemRuntimeDirectory}-core`];
  return isChosen ? [own] : [...new Set([own, ...system.map(coreSocketPath)])];
}

export function coreSocketPath(directory: string): string {
  return join(directory, "core.sock");
}

/**
 * What an exit node keeps: its key, its leases, and how the machine's settings were. Root's is where its unit has it, so that a purge from a
 * shell finds it, and not the node's, whose unit has a user of its own.
 */
export function coreDirectories(input: PathsInput): readonly [state: OwnDirectory, own: OwnDirectory] {
  const { environment, user } = input;
  const isNamed = [environment["ROPEWALK_STATE_DIR"], environment["STATE_DIRECTORY"]].some(
    (value) => nonEmpty(value) !== undefined,
  );
  const system: OwnDirectory = { path: "/var/lib/ropewalk-core", mode: 0o700, parent: "own" };
  const state = isNamed || user.uid !== 0 ? stateDirectory(input) : system;
  return [state, { path: join(state.path, "core"), mode: 0o700, parent: "own" }];
}

/** Where a node keeps what it is in the mesh, below its state folder. */
export function meshFolder(stateDirectory: string): string {
  return join(stateDirectory, "mesh");
}

/** The key of a node whose configuration names none. */
export function ownIdentityFile(stateDirectory: string): string {
  return join(meshFolder(stateDirectory), "identity.pem");
}

const systemRuntimeDirectory = "/run/ropewalk";

function absolute(environment: PathsInput["environment"], name: string): string | undefined {
  const value = nonEmpty(environment[name]);
  if (value === undefined || isAbsolute(value)) return value;
  throw new AppError("APP_USAGE", `${name} is "${value}", which is relative; give a path that begins with "/".`);
}

/** systemd lists several folders with colons; ours is the first. */
function firstOf(list: string | undefined): string | undefined {
  return nonEmpty(list?.split(":")[0]);
}

/** The specification says that a relative path is to be ignored. */
function xdgPath(value: string | undefined): string | undefined {
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
