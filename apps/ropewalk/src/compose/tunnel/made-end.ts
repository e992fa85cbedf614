/** Makes the end itself, from its configuration and the real things that it uses; all that is made registers its own end. */
import { join } from "node:path";
import type { Native } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { TunnelRole } from "../../paths.ts";
import type { Assembly } from "../assembly.ts";
import { identityFiles } from "./identity-files.ts";
import type { RunningEnd, StartEnd } from "./running-end.ts";

export interface EndOrigin {
  readonly role: TunnelRole;
  readonly startEnd: StartEnd;
  readonly native: Native;
  readonly stateDirectory: string;
  readonly onEvent: (event: TunnelEvent) => void;
}

/** Throws TunnelError. */
export async function makeEnd(
  { context: { clock }, config, shutdown }: Assembly,
  { role, startEnd, native, stateDirectory, onEvent }: EndOrigin,
): Promise<RunningEnd> {
  const { tunnel } = config.values;
  const made = new AsyncDisposableStack();
  shutdown.register("clean-up", { name: "tunnel", run: () => made.disposeAsync() });
  const tcp = made.use(createLinuxTcp(native, clock));
  const end = await startEnd(role, tunnel, {
    ...{ clock, chance: Math.random, native, tcp, onEvent },
    files: identityFiles(tunnel, role),
    kemKeyFolder: join(stateDirectory, "tunnel/kem-keys"),
  });
  return made.use(end);
}
