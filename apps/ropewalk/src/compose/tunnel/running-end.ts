/** What the daemon needs of a source or a destination, and how one is made. */
import type { Native } from "@ropewalk/host/linux/native";
import type { Tcp } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Watched } from "@ropewalk/kernel/latest";
import type { Millis } from "@ropewalk/kernel/units";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import type { ReloadResult, StreamStatus, TunnelCounts, TunnelStatus } from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { TunnelRole } from "../../paths.ts";
import type { Guidance } from "./node-paths.ts";

export interface RunningEnd extends AsyncDisposable {
  readonly counts: TunnelCounts;
  status(): TunnelStatus;
  streams(): readonly StreamStatus[];
  /** All of it or nothing; streams stay. */
  reload(config: TunnelConfig, files: IdentityFiles): Promise<ReloadResult>;
  /** Accepts nothing new; "cut" when streams were left after `within`. */
  drain(within: Millis): Promise<"empty" | "cut">;
  /** Of a source only. */
  refresh?(): void;
}

interface EndDeps {
  readonly clock: Clock;
  /** Draws from 0…1. */
  readonly chance: () => number;
  readonly native: Native;
  readonly tcp: Tcp;
  readonly files: IdentityFiles;
  /** Where KEM keys of peers are kept. */
  readonly kemKeyFolder: string;
  /** For a source. Undefined: the system's own routes decide, always. */
  readonly connectivity: Watched<Guidance> | undefined;
  readonly onEvent: (event: TunnelEvent) => void;
}

/** Throws TunnelError, with what is wrong and what to do. */
export type StartEnd = (role: TunnelRole, config: TunnelConfig, deps: EndDeps) => Promise<RunningEnd>;
