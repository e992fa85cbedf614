/** A destination and a source in one process, joined over loopback, with certificates of their own. */

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import type { Watched } from "@ropewalk/kernel/latest";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { Millis } from "@ropewalk/kernel/units";
import { freePort } from "@ropewalk/lab/free-ports";
import { tunnelSection } from "@ropewalk/tunnel/config";
import { type DestinationTunnelConfig, TunnelDestination } from "@ropewalk/tunnel/destination";
import { type SourceTunnelConfig, TunnelSource } from "@ropewalk/tunnel/source";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import { IdentityFolder, issue } from "./throw-away-authority.ts";

export interface BothEnds extends AsyncDisposable {
  readonly source: TunnelSource;
  readonly destination: TunnelDestination;
  /** The second in order of preference, where it was wished for. */
  readonly spare: TunnelDestination | undefined;
  /** Exposed at the source; a connection to it reaches the target. */
  readonly port: number;
  readonly events: { readonly source: TunnelEvent[]; readonly destination: TunnelEvent[] };
}

export interface Wishes {
  /** What a connection to the target is given to. */
  readonly onTarget: (socket: Socket) => void;
  /** The source knows a second destination, which reaches the same target. */
  readonly hasSpare?: boolean;
  /** The port by which the source reaches the first destination, which listens on the port given. */
  readonly through?: (port: number) => Promise<number>;
  /** The source's paths; the system's own routes decide where there are none. */
  readonly connectivity?: Watched<Connectivity | "unmanaged">;
  /** The round trip from which on the session has an express lane. */
  readonly expressFrom?: Millis;
  /** Keys of `[tunnel]`, of either end. */
  readonly common?: Readonly<Record<string, unknown>>;
}

export async function openBothEnds({ onTarget, common = {}, ...wishes }: Wishes): Promise<BothEnds> {
  const { connectivity, expressFrom, hasSpare = false, through = (to: number) => Promise.resolve(to) } = wishes;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(new IdentityFolder());
  const ca = issue({ name: "CA", isCa: true });
  const files = (name: string, usage: "client" | "server") =>
    folder.identity(name, issue({ ca, name, names: [`${name}.example`], usage }), [ca]);
  const target = createServer({ allowHalfOpen: true, noDelay: true }, onTarget);
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  stack.defer(() => void target.close());
  const clock = createSystemClock();
  const native = createNative();
  const tcp = stack.use(createLinuxTcp(native, clock));
  const events: BothEnds["events"] = { source: [], destination: [] };
  const targetPort = (target.address() as AddressInfo).port;
  const service = [{ name: "test", target: `127.0.0.1:${targetPort}`, max_connections: 10_000 }];
  const startDestination = async () => {
    const config = tunnelSection.schema.parse({
      ...{ mode: "mlkem768", destination: { listen: [`127.0.0.1:${await freePort()}`], service } },
      ...common,
    });
    const started = await TunnelDestination.start(config as DestinationTunnelConfig, {
      ...{ clock, native, tcp, files: files("hub", "server"), kemKeyFolder: undefined },
      onEvent: (event) => events.destination.push(event),
    });
    return stack.use(started);
  };
  const destination = await startDestination();
  const spare = hasSpare ? await startDestination() : undefined;
  const port = await freePort();
  const portOf = (end: TunnelDestination) => end.status().listeners[0]?.port ?? 0;
  const ports = [await through(portOf(destination)), ...(spare === undefined ? [] : [portOf(spare)])];
  const sourceConfig = tunnelSection.schema.parse({
    mode: "mlkem768",
    source: {
      destinations: ports.map((each) => `127.0.0.1:${each}`),
      server_names: ["hub.example"],
      expose: [{ port, service: "test", max_connections: 10_000 }],
    },
    ...common,
  });
  const source = await TunnelSource.start(sourceConfig as SourceTunnelConfig, {
    ...{ clock, chance: Math.random, tcp, files: files("site", "client"), kemKeyFolder: undefined },
    ...(expressFrom === undefined ? {} : { expressFrom }),
    ...{ connectivity, onEvent: (event) => events.source.push(event) },
  });
  stack.use(source);
  const owned = stack.move();
  return { source, destination, spare, port, events, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
