/** What a route is: one description, from which it is checked, answered and written into OpenAPI. */
import type { EntryProblemCode } from "@ropewalk/api/entry-problem";
import type { z } from "zod";
import type { ChangeSecrets } from "./change-secrets.ts";
import type { Caller, Policy } from "./policy.ts";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** What every route has, whatever it takes. */
interface RouteHead {
  /** Unique: "startSession". Metrics and OpenAPI name the route by it. */
  readonly operation: string;
  readonly method: Method;
  /** "/v1/devices/{id}". */
  readonly path: string;
  readonly policy: Policy;
  readonly summary: string;
  /** With which it may end, besides those that any route may. */
  readonly problems: readonly EntryProblemCode[];
}

export interface RouteParts<Params, Query, Body, Result> {
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Of what it answers; absent: nothing, with status 204. */
  readonly result?: z.ZodType<Result>;
  /** 200 where it is left out. */
  readonly status?: 200 | 201;
}

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** Aborted when its time is over or entry stops; not when who asked is gone, for what was begun is finished. */
  readonly signal: AbortSignal;
}

/** What reads. */
export interface ReadRoute<Params, Query, Body, Result> extends RouteHead, RouteParts<Params, Query, Body, Result> {
  readonly kind: "read";
  /** Throws ProblemError and EntryError. */
  readonly answer: (request: RouteRequest<Params, Query, Body>) => Promise<Result>;
}

/** What changes: it is asked with a key, and done once for each. */
export interface ChangeRoute<Params, Query, Body, Result> extends RouteHead, RouteParts<Params, Query, Body, Result> {
  readonly kind: "change";
  /** Done again when whoever did it before may have died: then it finds what was done by the ids that `secrets` derives. */
  readonly answer: (
    request: RouteRequest<Params, Query, Body>,
    change: { readonly secrets: ChangeSecrets; readonly isAgain: boolean },
  ) => Promise<Result>;
}

/** What is no JSON of ours: metrics, and the description of all of this. */
export interface DocumentRoute extends RouteHead, RouteParts<unknown, unknown, unknown, unknown> {
  readonly kind: "document";
  readonly answer: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** As the server has it: its own schemas have proved what each part takes. */
export type Route =
  | ReadRoute<unknown, unknown, unknown, unknown>
  | ChangeRoute<unknown, unknown, unknown, unknown>
  | DocumentRoute;

export function readRoute<Params, Query, Body, Result>(
  route: Omit<ReadRoute<Params, Query, Body, Result>, "kind">,
): Route {
  return { kind: "read", ...route } as Route;
}

export function changeRoute<Params, Query, Body, Result>(
  route: Omit<ChangeRoute<Params, Query, Body, Result>, "kind">,
): Route {
  return { kind: "change", ...route } as Route;
}
