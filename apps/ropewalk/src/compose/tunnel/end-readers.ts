/** What is read of an end over its API: pictures made afresh for each reader. */
import { type TunnelStatusDocument, type TunnelStreamsDocument, tunnelSchemaNumber } from "@ropewalk/api/tunnel";
import type { HealthRegistry } from "@ropewalk/ops/health";
import type { CommandContext } from "../../command-context.ts";
import { endDocument, streamDocument } from "../../local-api/tunnel-documents.ts";
import type { RunningEnd } from "./running-end.ts";

export interface EndReaders {
  readonly status: () => TunnelStatusDocument;
  readonly streams: () => TunnelStreamsDocument;
}

export function endReaders(
  { clock, version }: Pick<CommandContext, "clock" | "version">,
  health: Pick<HealthRegistry, "snapshot">,
  end: RunningEnd,
): EndReaders {
  const startedAt = clock.wall();
  return {
    status: () => ({
      ...{ schema: tunnelSchemaNumber, version, pid: process.pid, startedAt, at: clock.wall() },
      health: health.snapshot(),
      end: endDocument(end.status()),
    }),
    streams: () => ({ schema: tunnelSchemaNumber, at: clock.wall(), streams: end.streams().map(streamDocument) }),
  };
}
