/** Claims what only one node may have: its folders, the network namespace's lock and the state directory's. */
import type { Native } from "@ropewalk/host/linux/native";
import { describeError } from "@ropewalk/kernel/errors";
import { holdInstanceLock } from "../machine/instance-lock.ts";
import { ensureOwnDirectory } from "../machine/own-directory.ts";
import { holdStateLock } from "../machine/state-lock.ts";
import { type OwnDirectory, runtimeDirectory, socketPath, stateDirectory } from "../paths.ts";
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
  const stateUnusable = stateFault(state, uid);
  if (stateUnusable === undefined) {
    const stateLock = holdStateLock(state.path);
    if (stateLock !== undefined) {
      shutdown.register("clean-up", { name: "state lock", run: () => stateLock[Symbol.dispose]() });
    }
  }
  return { socket: socketPath(runtime.path), stateDirectory: state.path, stateUnusable };
}

function stateFault(directory: OwnDirectory, uid: number): string | undefined {
  try {
    ensureOwnDirectory(directory, uid, "the node's state", "ROPEWALK_STATE_DIR");
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
