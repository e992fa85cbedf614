/** A served replica as a process of its own: it begins by its parent's first message, and ends with its parent. */
import { type ReplicaTerms, serveReplica } from "./served-replica.ts";

process.on("message", (terms: ReplicaTerms) => {
  serveReplica(terms).then(
    () => process.send?.("serves"),
    (error) => process.send?.(String(error)),
  );
});
process.on("disconnect", () => process.exit(0));
