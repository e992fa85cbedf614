/**
 * Both ends of a tunnel in this one process, on loopback, in front of a small service, with a line between them that can be cut:
 * everything but the machine is real. Whatever is made goes when the trial does.
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import { tunnelSection } from "@ropewalk/tunnel/config";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import type { TunnelStatus } from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { CommandContext } from "../../command-context.ts";
import type { TunnelRole } from "../../paths.ts";
import type { RunningEnd, StartEnd } from "../tunnel/running-end.ts";
import { layLine } from "./cuttable-line.ts";
import { type DownloadFigures, startDownload } from "./demo-download.ts";
import { startDemoService } from "./demo-service.ts";
import { destinationName, makeIdentities } from "./throw-away-identities.ts";

export interface TrialOptions {
  readonly mode: Mode;
  readonly startEnd: StartEnd;
  readonly onEvent: (role: TunnelRole, event: TunnelEvent) => void;
}

export interface Trial extends AsyncDisposable {
  /** Exposed on loopback: the service's page and its echo. */
  readonly httpPort: number;
  readonly echoPort: number;
  readonly source: () => TunnelStatus;
  readonly download: () => DownloadFigures;
  cut(): void;
  refresh(): void;
}

/** Throws TunnelError. */
export async function startTrial(context: CommandContext, options: TrialOptions): Promise<Trial> {
  const { clock } = context;
  const { mode, onEvent, startEnd } = options;
  await using made = new AsyncDisposableStack();
  const identities = made.use(await makeIdentities(context, mode));
  const service = made.use(await startDemoService(clock));
  const native = createNative();
  const tcp = made.use(createLinuxTcp(native, clock));
  const kemKeyFolder = join(identities.folder, "kem-keys");
  const deps = { clock, chance: Math.random, native, tcp, kemKeyFolder, connectivity: undefined };
  const start = async (role: TunnelRole, table: object): Promise<RunningEnd> => {
    const config = tunnelSection.schema.parse({ mode, [role]: table });
    const told = (event: TunnelEvent) => onEvent(role, event);
    return made.use(await startEnd(role, config, { ...deps, files: identities[role], onEvent: told }));
  };
  const [reachedPort, httpPort, echoPort] = await freePorts();
  await start("destination", {
    listen: [`127.0.0.1:${reachedPort}`],
    service: [
      { name: "page", target: `127.0.0.1:${service.httpPort}` },
      { name: "echo", target: `127.0.0.1:${service.echoPort}` },
    ],
  });
  const line = made.use(await layLine(reachedPort));
  const source = await start("source", {
    destinations: [`127.0.0.1:${line.port}`],
    server_names: [destinationName],
    expose: [
      { port: httpPort, service: "page" },
      { port: echoPort, service: "echo" },
    ],
  });
  const download = made.use(startDownload(httpPort, clock));
  const owned = made.move();
  return {
    ...{ httpPort, echoPort },
    source: () => source.status(),
    download: () => download.figures,
    cut: () => line.cut(),
    refresh: () => source.refresh?.(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Three that nobody has at the moment. */
async function freePorts(): Promise<readonly [number, number, number]> {
  const servers = [createServer(), createServer(), createServer()] as const;
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    }),
  );
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, "close")));
  const [first = 0, second = 0, third = 0] = ports;
  return [first, second, third];
}
