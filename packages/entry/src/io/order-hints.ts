/**
 * How orders change hands at once: a replica that cannot send what it has claimed gives it to all and says so, and whoever listens looks. What is said
 * may be lost, with the connection or in a pooler: replicas look every half second all the same.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { supervise } from "@ropewalk/kernel/supervise";
import { millis, seconds } from "@ropewalk/kernel/units";
import { CompiledQuery } from "kysely";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Database } from "./database.ts";

/** An order to a node is given away once: where nobody reaches it, it is not to go round. */
const shareText = `/* share_orders */ with shared as (
    update outbox set claimed_until = clock_timestamp()
    where claimed_by = $1::uuid and claimed_until > clock_timestamp() and ($2::uuid is null or (node = $2::uuid and attempts = 1))
    returning 1)
  select pg_notify('ropewalk_orders', $1::uuid::text) where exists (select from shared)`;

/** What `replica` has claimed is anybody's: for `node`, or undefined: all of it. */
export async function shareOrders(database: Database, replica: string, node: NodeId | undefined): Promise<void> {
  await database.kysely.executeQuery(CompiledQuery.raw(shareText, [replica, node ?? null]));
}

export interface OrderHintsDeps {
  readonly database: Pick<Database, "alone">;
  readonly clock: Clock;
  readonly chance: () => number;
  /** What it says itself is no news. */
  readonly replica: string;
  /** Also when it begins to listen: something may have been said before. */
  readonly onHint: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** On a connection of its own, and on another where that breaks; until the signal aborts. */
export function listenForOrders(deps: OrderHintsDeps, signal: AbortSignal): Promise<void> {
  const { clock, chance, onFailure } = deps;
  return supervise(
    {
      name: "hints of other replicas",
      run: (aborted) => listen(deps, aborted),
      onFailure: ({ error }) => onFailure(error),
      backoff: { first: millis(200), longest: seconds(5) },
    },
    { clock, chance },
    signal,
  );
}

async function listen({ database, replica, onHint }: OrderHintsDeps, signal: AbortSignal): Promise<void> {
  await using connection = await database.alone();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { client } = connection;
  client.on("notification", ({ payload }) => {
    if (payload !== replica) onHint();
  });
  client.once("error", reject).once("end", () => reject(new Error("the connection that listens has ended")));
  signal.addEventListener("abort", () => resolve(), { once: true });
  // It may break while it is still being told to listen.
  promise.catch(() => {});
  await connection.rows("listen ropewalk_orders");
  onHint();
  if (!signal.aborted) await promise;
}
