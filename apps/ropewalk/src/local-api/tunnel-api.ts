/** What a daemon of the tunnel answers over its local API. */
import {
  type TunnelActDocument,
  type TunnelStatusDocument,
  type TunnelStreamsDocument,
  tunnelRoutes,
} from "@ropewalk/api/tunnel";
import { good } from "./answer.ts";
import { type Change, type ChangeOutcome, outcomeAnswer, reloadAnswer } from "./changes.ts";
import type { LocalApi } from "./handler.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";

export interface TunnelApiDeps extends Pick<LocalApi, "operations" | "stream" | "onDefect"> {
  readonly status: () => TunnelStatusDocument;
  readonly streams: () => TunnelStreamsDocument;
  readonly reload: () => Promise<ReloadOutcome>;
  readonly refresh: () => ChangeOutcome<TunnelActDocument>;
  /** Begins it, and does not wait for its end. */
  readonly drain: () => ChangeOutcome<TunnelActDocument>;
}

export function tunnelApi(deps: TunnelApiDeps): LocalApi {
  const { status, streams, operations, stream, onDefect } = deps;
  const changes = changesOf(deps);
  return {
    read: (path) => {
      if (path === tunnelRoutes.status) return good(status());
      return path === tunnelRoutes.streams ? good(streams()) : undefined;
    },
    eventsPath: tunnelRoutes.events,
    changes: {
      isChange: (path) => changes.has(path),
      at: (path) => changes.get(path),
      names: [...changes.keys()],
      commands: "ropewalk tunnel refresh, ropewalk tunnel drain",
    },
    paths: Object.values(tunnelRoutes),
    ...{ operations, stream, onDefect },
  };
}

function changesOf({ reload, refresh, drain }: TunnelApiDeps): ReadonlyMap<string, Change> {
  return new Map<string, Change>([
    [tunnelRoutes.configReload, async () => reloadAnswer(await reload())],
    [tunnelRoutes.refresh, () => outcomeAnswer(refresh())],
    [tunnelRoutes.drain, () => outcomeAnswer(drain())],
  ]);
}
