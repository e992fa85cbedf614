/** What several routes take, and how they refuse. */

import type { NodeWishDocument } from "@ropewalk/api/entry";
import { longestPage } from "@ropewalk/api/entry-schema";
import { InternalError } from "@ropewalk/kernel/errors";
import { z } from "zod";
import type { NodeId } from "../../pure/node-fitness.ts";
import type { CustomerId, MoveOutcome, NodeWish, StartOutcome } from "../../vpn-control.ts";
import { noNodeReasons } from "../documents.ts";
import type { Caller } from "../policy.ts";
import { ProblemError } from "../problem-error.ts";

export interface WithId {
  readonly id: string;
}

export const withId: z.ZodType<WithId> = z.object({ id: z.uuid().toLowerCase() });

export interface PageQuery {
  readonly limit: number;
  readonly before?: string | undefined;
}

const limit = z.coerce.number().pipe(z.int().min(1).max(longestPage)).default(50);

/** Pages that are told apart by a UUID, or by a number. */
export const pageById: z.ZodType<PageQuery> = z.strictObject({ limit, before: z.uuid().toLowerCase().optional() });
export const pageByNumber: z.ZodType<PageQuery> = z.strictObject({
  limit,
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
});

/** One more was asked for than is told: so it is known whether there is another page. */
export function pageDocument<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  documentOf: (row: Row) => Item,
): { readonly items: readonly Item[]; readonly next: string | null } {
  const told = rows.slice(0, limit);
  return { items: told.map(documentOf), next: rows.length > limit ? (told.at(-1)?.id ?? null) : null };
}

/** Of a route for customers. */
export function customerOf(caller: Caller): { readonly customer: CustomerId; readonly actor: CallerActor } {
  if (caller.kind !== "customer") throw new InternalError("a route for customers was reached by another");
  return caller;
}

type CallerActor = Extract<Caller, { readonly actor: unknown }>["actor"];

/** Of a route for admins. */
export function adminOf(caller: Caller): CallerActor {
  if (caller.kind !== "admin") throw new InternalError("a route for admins was reached by another");
  return caller.actor;
}

export function wishOf({ nodeHint, region, country, city, pool }: NodeWishDocument): NodeWish {
  return {
    ...(region === undefined ? {} : { region }),
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(pool === undefined ? {} : { pool }),
    ...(nodeHint === undefined ? {} : { nodeHint: nodeHint as NodeId }),
  };
}

/** What start and move fail with alike. */
export function placeProblem(
  outcome: Extract<StartOutcome | MoveOutcome, { readonly kind: "no-node" | "failed" }>,
): ProblemError {
  if (outcome.kind === "no-node")
    return new ProblemError("no-node", "no node that may be used can take the session now", {
      reasons: noNodeReasons(outcome.why),
    });
  return outcome.why === "refused"
    ? new ProblemError("node-refused", "the node refused the session; begin another, with a new key")
    : new ProblemError("node-silent", "the node did not answer in time; begin another, with a new key");
}
