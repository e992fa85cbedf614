/** Claims what only one daemon of a kind may have: its folders, and its lock of them; of a node, the network namespace's too. */
import { join } from "node:path";
import type { Native } from "@ropewalk/host/linux/native";
import { describeError } from "@ropewalk/kernel/errors";
import type { CommandContext } from "../command-context.ts";
import { holdInstanceLock } from "../machine/instance-lock.ts";
import { ensureOwnDirectory } from "../machine/own-directory.ts";
import { holdStateLock } from "../machine/state-lock.ts";
import {
  coreDirectories,
  coreSocketPath,
  type OwnDirectory,
  runtimeDirectory,
  socketPath,
  stateDirectory,
  type TunnelRole,
  tunnelSocketPath,
} from "../paths.ts";
import type { Assembly } from "./assembly.ts";

export interface ClaimedPlaces {
  readonly socket: string;
  readonly stateDirectory: string;
  /** Why nothing can be kept there; undefined when it can. */
  readonly stateUnusable: string | undefined;
}

/** Throws APP_ALREADY_RUNNING, or APP_DIRECTORY for the folder of the socket, without which nobody could ask. */
export async function claimPlaces({ context, shutdown }: Assembly, native: Native): Promise<ClaimedPlaces> {
  const { uid } = context.user;
  const runtime = runtimeDirectory(context);
  const state = stateDirectory(context);
  const lock = await holdInstanceLock(native, context.program);
  shutdown.register("clean-up", { name: "instance lock", run: async () => await lock[Symbol.asyncDispose]() });
  ensureOwnDirectory(runtime, uid, "the node's socket", "ROPEWALK_RUNTIME_DIR");
  const stateUnusable = stateFault(state, uid, "the node's state");
  if (stateUnusable === undefined) lockState(state.path, shutdown);
  return { socket: socketPath(runtime.path), stateDirectory: state.path, stateUnusable };
}

/** Of one end of the tunnel: beside it there may be a node, and an end of the other role. Throws as `claimPlaces`. */
export function claimTunnelPlaces({ context, shutdown }: Assembly, role: TunnelRole): ClaimedPlaces {
  const { uid } = context.user;
  const runtime = runtimeDirectory(context);
  const state = stateDirectory(context);
  ensureOwnDirectory(runtime, uid, "the tunnel's socket", "ROPEWALK_RUNTIME_DIR");
  const own: OwnDirectory = { path: join(state.path, `tunnel-${role}`), mode: 0o700, parent: "own" };
  const stateUnusable = stateFault(state, uid, "the tunnel's state") ?? stateFault(own, uid, "the tunnel's state");
  if (stateUnusable === undefined) lockState(own.path, shutdown);
  return { socket: tunnelSocketPath(runtime.path, role), stateDirectory: state.path, stateUnusable };
}

export interface CorePlaces {
  readonly socket: string;
  readonly folder: string;
}

/** Of an exit node, which does not start without its state: its key and its leases are there. Throws as `claimPlaces`. */
export function claimCorePlaces({ context, shutdown }: Assembly): CorePlaces {
  const runtime = runtimeDirectory(context);
  ensureOwnDirectory(runtime, context.user.uid, "the exit's socket", "ROPEWALK_RUNTIME_DIR");
  const { folder, ...lock } = lockCore(context);
  shutdown.register("clean-up", { name: "state lock", run: () => lock[Symbol.dispose]() });
  return { socket: coreSocketPath(runtime.path), folder };
}

/** The folder of an exit, which nobody else uses until this is disposed. Throws APP_DIRECTORY, APP_ALREADY_RUNNING. */
export function lockCore(context: CommandContext): { readonly folder: string } & Disposable {
  const { uid } = context.user;
  const directories = coreDirectories(context);
  const [, own] = directories;
  for (const directory of directories) ensureOwnDirectory(directory, uid, "the exit's state", "ROPEWALK_STATE_DIR");
  const lock = holdStateLock(own.path);
  return { folder: own.path, [Symbol.dispose]: () => lock?.[Symbol.dispose]() };
}

function lockState(path: string, shutdown: Assembly["shutdown"]): void {
  const lock = holdStateLock(path);
  if (lock === undefined) return;
  shutdown.register("clean-up", { name: "state lock", run: () => lock[Symbol.dispose]() });
}

function stateFault(directory: OwnDirectory, uid: number, purpose: string): string | undefined {
  try {
    ensureOwnDirectory(directory, uid, purpose, "ROPEWALK_STATE_DIR");
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
