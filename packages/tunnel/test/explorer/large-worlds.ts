/** The small worlds with an attacker that thinks of more and KEMs that take their time, and worlds of more ends. For soak runs. */
import { joint, lone, type World, world } from "./world.ts";
import { smallWorlds } from "./worlds.ts";

const wanted = { source: { keptKey: undefined } } as const;
const pure = { mode: "mlkem768" } as const;
const nothing = { exporter: "of all" } as const;
const never = { stolen: [], exporters: "hold" } as const;

/** Two ends at their fullest; three and more as far as they can be gone through in minutes. */
function enlarged(small: World): World {
  if (small.ends.length <= 2) return { ...small, wits: "full", kem: "at any time" };
  return { ...small, wits: small.wits === "relay" ? "lean" : "full" };
}

const withMoreEnds: readonly World[] = [
  world(
    "TLS holds for two sessions of both modes, and Mallory is at both ends besides",
    [
      ...[...joint("1", "sealed", {}, wanted), ...joint("2", "sealed", pure)],
      ...[lone("s3", "source", "alice", "mallory"), lone("d4", "destination", "bob", "mallory")],
    ],
    { wits: "relay" },
  ),
  world("TLS's key exchange is broken for two sessions", [...joint("1", "open", {}, wanted), ...joint("2", "open")], {
    afterwards: never,
  }),
  world("TLS gives nothing to two sessions", [...joint("1", "open", nothing), ...joint("2", "open", nothing)], {
    ...{ wits: "relay", afterwards: never },
  }),
  world(
    "TLS gives nothing, and Mallory is at both ends besides",
    [
      lone("s1", "source", "alice", "bob", nothing),
      lone("d1", "destination", "bob", "alice", nothing),
      lone("s2", "source", "alice", "mallory", nothing),
      lone("d3", "destination", "bob", "mallory", nothing),
    ],
    { wits: "relay", afterwards: never },
  ),
];

export const largeWorlds: readonly World[] = [...smallWorlds.map(enlarged), ...withMoreEnds];
