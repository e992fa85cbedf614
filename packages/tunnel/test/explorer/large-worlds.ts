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
    ...{ wits: "relay", afterwards: never },
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

/**
 * Two sessions of Alice and Bob, one of which asks for a key, two more in the other mode, and Mallory at either end, whose
 * certificate is for its own KEM key or for one of theirs. TLS gives nothing, so that all that is in mlkem768 mode is lost.
 */
export const crowd: World = world(
  "TLS gives nothing to eight ends",
  [
    ...[...joint("1", "open", nothing), ...joint("2", "open", nothing, wanted)],
    ...joint("3", "open", { ...nothing, ...pure }),
    ...[lone("s4", "source", "alice", "mallory", nothing), lone("d5", "destination", "bob", "mallory", nothing)],
  ],
  { wits: "relay", afterwards: never },
);

/** For the attacker that may turn time back. */
export const crowds: readonly World[] = [
  { ...crowd, wits: "lean" },
  { ...crowd, wits: "lean", malloryPins: "alice" },
  { ...crowd, wits: "lean", malloryPins: "bob" },
  { ...crowd, kem: "at any time" },
  { ...crowd, ends: joint("1", "open"), wits: "full", kem: "at any time" },
];
