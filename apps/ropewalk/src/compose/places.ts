/** Claims what only one daemon of a kind may have: its folders, and its lock of them; of a node, the network namespace's too. */
import { join } from "node:path";
import type { Native } from "@ropewalk/host/linux/native";
import { describeError } from "@ropewalk/kernel/errors";
import { holdInstanceLock } from "../machine/instance-lock.ts";
import { ensureOwnDirectory } from "../machine/own-directory.ts";
import { holdStateLock } from "../machine/state-lock.ts";
import {
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
