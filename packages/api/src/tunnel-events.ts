/**
 * The event stream of a daemon of the tunnel: as a node's, server-sent events with ids of `<epoch>-<sequence>`, a snapshot first,
 * and to a reader that sends the last id back what it missed, or a new snapshot.
 */
import { z } from "zod";
import type { TunnelPeerDocument, TunnelStatusDocument } from "./tunnel.ts";
import { tunnelPeerSchema, tunnelStatusSchema } from "./tunnel-schema.ts";

interface OnWay {
  readonly destination: string;
  /** "wan0 ipv4"; null where nobody manages paths. */
  readonly path: string | null;
}

interface OfSession {
  readonly session: string;
  /** "192.0.2.1 50000": where its last lane came from, or goes. */
  readonly remote: string;
}

export type LaneLossDocument =
  | { readonly kind: "closed" | "write-failed"; readonly code: string }
  | { readonly kind: "heartbeat"; readonly silenceMs: number; readonly missed: number }
  | { readonly kind: "broken"; readonly detail: string };

export interface TunnelRefusalDocument {
  readonly by: "us" | "peer";
  readonly reason: string;
  readonly detail: string;
  /** What is wrong and what to do, where more is known than `reason` says. */
  readonly text?: string;
}

type Counts = Readonly<Partial<Record<string, number>>>;

/** How a source lost, sought and found its lane. */
export type SourceEventDocument =
  | (OnWay & { readonly kind: "heartbeat-dead"; readonly silenceMs: number; readonly missed: number })
  | (OnWay & { readonly kind: "lane-closed" | "write-failed"; readonly code: string })
  | (OnWay & { readonly kind: "lane-broken"; readonly detail: string })
  | {
      readonly kind: "path-changed";
      readonly destination: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly why: "gone" | "better";
    }
  | (OnWay & { readonly kind: "refresh-started" })
  | (OnWay & { readonly kind: "refreshed"; readonly tookMs: number; readonly streams: number })
  | { readonly kind: "refresh-failed"; readonly destination: string; readonly retryInMs: number }
  | (OnWay & { readonly kind: "started"; readonly tookMs: number })
  | (OnWay & {
      readonly kind: "resumed";
      readonly after: "loss" | "move";
      readonly tookMs: number;
      readonly streams: number;
      readonly resentBytes: number;
    })
  | {
      readonly kind: "session-lost";
      readonly destination: string;
      readonly why: "peer-restarted" | "left-behind";
      readonly streams: number;
    }
  | (OnWay & {
      readonly kind: "dial-failed";
      readonly purpose: "first" | "resume" | "refresh" | "move" | "return";
      readonly reason: "unreachable" | "cut-off" | "refused" | "deadline" | "no-welcome";
      readonly detail: string;
    })
  | {
      readonly kind: "breaker-opened";
      readonly destination: string;
      readonly failures: number;
      readonly retryInMs: number;
    }
  | { readonly kind: "breaker-closed"; readonly destination: string; readonly openForMs: number }
  | { readonly kind: "offline" }
  | { readonly kind: "online"; readonly offlineForMs: number }
  /** It takes no new streams; those that there are may finish. */
  | { readonly kind: "destination-stopping"; readonly destination: string }
  | { readonly kind: "failed-over"; readonly from: string; readonly to: string };

/** The sessions of a destination. */
export type SessionEventDocument =
  | (OfSession & { readonly kind: "session-opened"; readonly peer: TunnelPeerDocument })
  | (OfSession & {
      readonly kind: "session-resumed";
      readonly after: "loss" | "move";
      readonly absentForMs: number;
      readonly streams: number;
      readonly resentBytes: number;
    })
  | (OfSession & {
      readonly kind: "session-absent";
      readonly why: LaneLossDocument;
      readonly streams: number;
      readonly heldForMs: number;
    })
  | (OfSession & {
      readonly kind: "session-ended";
      readonly why: "hold-over" | "left" | "revoked" | "broken" | "stopped" | "too-many";
      readonly detail: string;
      readonly streams: number;
    });

/** What either end tells. */
export type EitherEventDocument =
  | (OfSession & { readonly kind: "express-up" })
  /** Not told of one that goes with the lane that it was beside. */
  | (OfSession & { readonly kind: "express-lost"; readonly why: LaneLossDocument })
  | {
      readonly kind: "stream-refused";
      readonly session: string | null;
      readonly request: string;
      readonly by: "us" | "peer";
      readonly reason: string;
      readonly detail: string;
    }
  | { readonly kind: "streams-refused" | "handshakes-refused"; readonly numbers: Counts }
  | { readonly kind: "handshake-refused"; readonly remote: string; readonly refusal: TunnelRefusalDocument }
  | { readonly kind: "service-full"; readonly service: string; readonly limit: number }
  | { readonly kind: "listener-full"; readonly place: string; readonly limit: number }
  | { readonly kind: "listener-exhausted"; readonly place: string; readonly code: string }
  | { readonly kind: "identity-changed"; readonly names: readonly string[]; readonly until: number }
  | { readonly kind: "identity-kept"; readonly reason: string }
  | { readonly kind: "trouble"; readonly text: string }
  | { readonly kind: "failed"; readonly reason: string }
  /** It takes nothing new from now on. */
  | { readonly kind: "draining"; readonly streams: number; readonly withinMs: number };

/** `at`: milliseconds since 1970. */
export type TunnelEventDocument = { readonly at: number } & (
  | { readonly kind: "snapshot"; readonly status: TunnelStatusDocument }
  | SourceEventDocument
  | SessionEventDocument
  | EitherEventDocument
);

const text = z.string();
const name = text.nullable();
const count = z.int().nonnegative();
const ms = z.number().nonnegative();
const by = z.enum(["us", "peer"]);
const after = z.enum(["loss", "move"]);
const way = { at: z.number(), destination: text, path: name };
const ofSession = { at: z.number(), session: text, remote: text };
const numbers = z.record(text, count);

const laneLoss: z.ZodType<LaneLossDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["closed", "write-failed"]), code: text }),
  z.object({ kind: z.literal("heartbeat"), silenceMs: ms, missed: count }),
  z.object({ kind: z.literal("broken"), detail: text }),
]);

const refusal: z.ZodType<TunnelRefusalDocument> = z.object({
  by,
  reason: text,
  detail: text,
  text: text.exactOptional(),
});

const at = z.number();
const destination = text;
const kind = <const Name extends string>(...names: readonly [Name, ...Name[]]) => ({ at, kind: z.enum(names) });

export const tunnelEventSchema: z.ZodType<TunnelEventDocument> = z.discriminatedUnion("kind", [
  z.object({ ...kind("snapshot"), status: tunnelStatusSchema }),
  z.object({ ...kind("heartbeat-dead"), ...way, silenceMs: ms, missed: count }),
  z.object({ ...kind("lane-closed", "write-failed"), ...way, code: text }),
  z.object({ ...kind("lane-broken"), ...way, detail: text }),
  z.object({ ...kind("path-changed"), destination, from: name, to: name, why: z.enum(["gone", "better"]) }),
  z.object({ ...kind("refresh-started"), ...way }),
  z.object({ ...kind("refreshed"), ...way, tookMs: ms, streams: count }),
  z.object({ ...kind("refresh-failed"), destination, retryInMs: ms }),
  z.object({ ...kind("started"), ...way, tookMs: ms }),
  z.object({ ...kind("resumed"), ...way, after, tookMs: ms, streams: count, resentBytes: count }),
  z.object({ ...kind("session-lost"), destination, why: z.enum(["peer-restarted", "left-behind"]), streams: count }),
  z.object({
    ...kind("dial-failed"),
    ...way,
    purpose: z.enum(["first", "resume", "refresh", "move", "return"]),
    reason: z.enum(["unreachable", "cut-off", "refused", "deadline", "no-welcome"]),
    detail: text,
  }),
  z.object({ ...kind("breaker-opened"), destination, failures: count, retryInMs: ms }),
  z.object({ ...kind("breaker-closed"), destination, openForMs: ms }),
  z.object({ ...kind("offline") }),
  z.object({ ...kind("online"), offlineForMs: ms }),
  z.object({ ...kind("destination-stopping"), destination }),
  z.object({ ...kind("failed-over"), from: text, to: text }),
  z.object({ ...kind("session-opened"), ...ofSession, peer: tunnelPeerSchema }),
  z.object({
    ...kind("session-resumed"),
    ...ofSession,
    after,
    absentForMs: ms,
    streams: count,
    resentBytes: count,
  }),
  z.object({ ...kind("session-absent"), ...ofSession, why: laneLoss, streams: count, heldForMs: ms }),
  z.object({
    ...kind("session-ended"),
    ...ofSession,
    why: z.enum(["hold-over", "left", "revoked", "broken", "stopped", "too-many"]),
    detail: text,
    streams: count,
  }),
  z.object({ ...kind("express-up"), ...ofSession }),
  z.object({ ...kind("express-lost"), ...ofSession, why: laneLoss }),
  z.object({ ...kind("stream-refused"), session: name, request: text, by, reason: text, detail: text }),
  z.object({ ...kind("streams-refused", "handshakes-refused"), numbers }),
  z.object({ ...kind("handshake-refused"), remote: text, refusal }),
  z.object({ ...kind("service-full"), service: text, limit: count }),
  z.object({ ...kind("listener-full"), place: text, limit: count }),
  z.object({ ...kind("listener-exhausted"), place: text, code: text }),
  z.object({ ...kind("identity-changed"), names: z.array(text), until: z.number() }),
  z.object({ ...kind("identity-kept", "failed"), reason: text }),
  z.object({ ...kind("trouble"), text }),
  z.object({ ...kind("draining"), streams: count, withinMs: ms }),
]);
