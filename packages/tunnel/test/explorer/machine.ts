/** The handshake as the explorer drives it: the real functions, or the same of a mutant. */
import * as combiner from "@ropewalk/crypto/pure/hybrid-combiner";
import * as handshake from "@ropewalk/tunnel/pure/handshake/handshake";
import * as sessionKeys from "@ropewalk/tunnel/pure/handshake/session-keys";

export type Machine = Pick<
  typeof handshake,
  "beginHandshake" | "receive" | "encapsulated" | "decapsulated" | "kemFailed" | "expire"
> &
  Pick<typeof sessionKeys, "epochSecrets"> &
  Pick<typeof combiner, "combineSecrets">;

export const realMachine: Machine = { ...handshake, ...sessionKeys, ...combiner };
