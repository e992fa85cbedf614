/** The typed client of a daemon of the tunnel, as `client.ts` is a node's. */
import { createAsker, type FetchLike, type Received } from "./asking.ts";
import type { ReloadDocument } from "./http.ts";
import { reloadSchema } from "./http-schema.ts";
import {
  type TunnelActDocument,
  type TunnelStatusDocument,
  type TunnelStreamsDocument,
  tunnelRoutes,
} from "./tunnel.ts";
import { type TunnelEventDocument, tunnelEventSchema } from "./tunnel-events.ts";
import { tunnelActSchema, tunnelStatusSchema, tunnelStreamsSchema } from "./tunnel-schema.ts";

export interface TunnelClient {
  status(signal: AbortSignal): Promise<TunnelStatusDocument>;
  streams(signal: AbortSignal): Promise<TunnelStreamsDocument>;
  /** This and the next two: over the Unix socket only. Rejects with API_REFUSED and the reason where it cannot be. */
  refresh(signal: AbortSignal): Promise<TunnelActDocument>;
  /** The daemon ends when its streams have, or their time is over. */
  drain(signal: AbortSignal): Promise<TunnelActDocument>;
  reloadConfig(signal: AbortSignal): Promise<ReloadDocument>;
  /** Ends when the daemon ends the stream; rejects when the connection breaks or the signal aborts. */
  events(signal: AbortSignal, after?: string): AsyncGenerator<Received<TunnelEventDocument>, void, undefined>;
}

/** `baseUrl` has no slash at its end: "http://127.0.0.1:7420". All methods reject with ApiError or the transport's own error. */
export function createTunnelClient(fetchLike: FetchLike, baseUrl: string): TunnelClient {
  const { ask, events } = createAsker(fetchLike, baseUrl);
  return {
    status: (signal) => ask("GET", tunnelRoutes.status, tunnelStatusSchema, signal),
    streams: (signal) => ask("GET", tunnelRoutes.streams, tunnelStreamsSchema, signal),
    refresh: (signal) => ask("POST", tunnelRoutes.refresh, tunnelActSchema, signal),
    drain: (signal) => ask("POST", tunnelRoutes.drain, tunnelActSchema, signal),
    reloadConfig: (signal) => ask("POST", tunnelRoutes.configReload, reloadSchema, signal),
    events: (signal, after) => events(tunnelRoutes.events, tunnelEventSchema, signal, after),
  };
}
