/** A daemon of the tunnel around a fake end, in this process, in folders of its own, with its log and its clients at hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTunnelClient, type TunnelClient } from "@ropewalk/api/tunnel-client";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { CommandContext } from "../../src/command-context.ts";
import { type RunningTunnel, startTunnel, type TunnelOptions } from "../../src/compose/tunnel/tunnel-service.ts";
import { createUnixFetch, unixBaseUrl } from "../../src/local-api/unix-transport.ts";
import { tunnelSocketPath } from "../../src/paths.ts";
import { contextOf } from "../certificates/typed.ts";
import type { FakeEnd } from "./fake-end.ts";

export class TunnelFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  readonly configFile: string = join(this.path, "ropewalk.toml");

  constructor(text: string) {
    mkdirSync(join(this.path, "run"));
    this.write(text);
  }

  /** The configuration; certificates are named and need not exist, for a fake end reads none. */
  write(text: string): void {
    const identity = 'certificate = "end.crt"\nkey = "end.key"\nauthorities = ["ca.crt"]\nmode = "mlkem768"';
    writeFileSync(this.configFile, `[tunnel]\n${identity}\n[tunnel.http]\nlisten = "off"\n${text}`);
  }

  get context(): CommandContext {
    const environment = {
      ROPEWALK_CONFIG: this.configFile,
      ROPEWALK_RUNTIME_DIR: join(this.path, "run"),
      ROPEWALK_STATE_DIR: join(this.path, "state"),
    };
    const user = { uid: process.getuid?.() ?? 0, home: this.path, temporaryDirectory: this.path };
    return { ...contextOf(Date.now()), environment, user, clock: createSystemClock() };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

export interface Running extends AsyncDisposable {
  readonly tunnel: RunningTunnel;
  readonly client: TunnelClient;
  readonly folder: TunnelFolder;
  /** Records of its log. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** The log of a daemon of which nothing is to be heard. */
export const silent: TunnelOptions["log"] = {
  destination: { write: () => {} },
  format: () => "json",
  level: () => "error",
};

export const exposing = '[tunnel.source]\ndestinations = ["hub.example:8443"]\n';
export const offering = '[tunnel.destination]\nlisten = ["127.0.0.1:8443"]\n';

export async function runAround(end: FakeEnd): Promise<Running> {
  const { role } = end.shown;
  const folder = new TunnelFolder(role === "source" ? exposing : offering);
  const records: Readonly<Record<string, unknown>>[] = [];
  try {
    const tunnel = await startTunnel(folder.context, role, {
      configFile: undefined,
      startEnd: end.start,
      log: {
        destination: { write: (line) => void records.push(JSON.parse(line)) },
        format: () => "json",
        level: () => "debug",
      },
    });
    const socket = tunnelSocketPath(join(folder.path, "run"), role);
    const client = createTunnelClient(createUnixFetch(socket), unixBaseUrl);
    return {
      ...{ tunnel, client, folder, records },
      async [Symbol.asyncDispose]() {
        end.endStreams("empty");
        await tunnel.stop("the test is over");
        folder[Symbol.dispose]();
      },
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}
