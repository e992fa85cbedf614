/** Makes the end itself, from its configuration and the real things that it uses; all that is made registers its own end. */
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Native } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import { socketCandidates, type TunnelRole } from "../../paths.ts";
import type { Assembly } from "../assembly.ts";
import { identityFiles } from "./identity-files.ts";
import { NodeConnectivity } from "./node-connectivity.ts";
import { ownAddress } from "./node-paths.ts";
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
  assembly: Assembly,
  { role, startEnd, native, stateDirectory, onEvent }: EndOrigin,
): Promise<RunningEnd> {
  const { context, config, shutdown } = assembly;
  const { clock } = context;
  const { tunnel } = config.values;
  const made = new AsyncDisposableStack();
  shutdown.register("clean-up", { name: "tunnel", run: () => made.disposeAsync() });
  const tcp = made.use(createLinuxTcp(native, clock));
  const end = await startEnd(role, tunnel, {
    ...{ clock, chance: Math.random, native, tcp, onEvent },
    files: identityFiles(tunnel, role),
    kemKeyFolder: join(stateDirectory, "tunnel/kem-keys"),
    connectivity: role === "source" ? made.use(followNode(assembly)).guidance : undefined,
  });
  return made.use(end);
}

function followNode({ context, log }: Assembly): NodeConnectivity {
  return new NodeConnectivity({
    clock: context.clock,
    sockets: socketCandidates(context),
    addresses: addressesHere,
    tell: ({ guidance, why }) =>
      log.info(
        { reason: why },
        guidance === "unmanaged" ? "the system's own routes decide where lanes go" : "lanes keep to the node's paths",
      ),
  });
}

function addressesHere(): ReadonlySet<string> {
  const found = Object.entries(networkInterfaces());
  return new Set(found.flatMap(([name, own = []]) => own.map(({ address }) => ownAddress(name, address))));
}
