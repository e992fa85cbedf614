/** The typed client of the program of an exit node, as `client.ts` is a node's. */
import { createAsker, type FetchLike, type Received } from "./asking.ts";
import {
  type CoreEventDocument,
  type CorePeersDocument,
  type CoreReconcileDocument,
  type CoreStatusDocument,
  coreRoutes,
} from "./core.ts";
import { coreEventSchema, corePeersSchema, coreReconcileSchema, coreStatusSchema } from "./core-schema.ts";

export interface CoreClient {
  status(signal: AbortSignal): Promise<CoreStatusDocument>;
  /** This and the next: over the Unix socket only. */
  peers(signal: AbortSignal): Promise<CorePeersDocument>;
  /** Compares the device with what is to be there, and writes the difference. Rejects with API_REFUSED and the reason where it cannot. */
  reconcile(signal: AbortSignal): Promise<CoreReconcileDocument>;
  /** Ends when the program ends the stream; rejects when the connection breaks or the signal aborts. */
  events(signal: AbortSignal, after?: string): AsyncGenerator<Received<CoreEventDocument>, void, undefined>;
}

/** `baseUrl` has no slash at its end: "http://127.0.0.1:7430". All methods reject with ApiError or the transport's own error. */
export function createCoreClient(fetchLike: FetchLike, baseUrl: string): CoreClient {
  const { ask, events } = createAsker(fetchLike, baseUrl);
  return {
    status: (signal) => ask("GET", coreRoutes.status, coreStatusSchema, signal),
    peers: (signal) => ask("GET", coreRoutes.peers, corePeersSchema, signal),
    reconcile: (signal) => ask("POST", coreRoutes.reconcile, coreReconcileSchema, signal),
    events: (signal, after) => events(coreRoutes.events, coreEventSchema, signal, after),
  };
}
