/** What a mutant of the handshake is, what may come of it, and the worlds in which mutants are looked for. */
import type { Patch } from "@ropewalk/simnet/mutated-modules";
import { joint, lone, type World, world } from "./world.ts";

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly fate: Fate;
}

type Fate =
  /** `by`: "PROPERTY: END" in that world; PROPERTY as `brokenPieces` calls it where there is none. */
  | { readonly kind: "caught"; readonly by: string; readonly world?: World }
  /** In every world. */
  | { readonly kind: "made up for"; readonly why: string };

export const broken = world("TLS's key exchange is broken", joint("1", "open", {}, { source: { capabilities: 3 } }));
export const relayed: World = { ...broken, wits: "relay" };
export const asking = world("a key is asked for", joint("1", "open", {}, { source: { keptKey: undefined } }));
export const poisoned = world("a kept key is Mallory's", joint("1", "open", {}, { source: { keptKey: "mallory" } }));
export const inTls = world(
  "TLS holds, all KEM keys are known",
  joint("1", "sealed", {}, { source: { capabilities: 3 } }),
  {
    stolen: ["alice", "bob"],
  },
);
export const recorded = world("TLS holds, all KEM keys come out later", joint("1", "sealed"));
export const met = world("Mallory is met", [lone("d1", "destination", "bob", "mallory")]);
const nothing = { exporter: "of all" } as const;
export const twins = world(
  "one source is heard by two destinations",
  [lone("d1", "destination", "bob", "alice", nothing), lone("d2", "destination", "bob", "alice", nothing)],
  { wits: "relay" },
);
export const asAlice = world(
  "Mallory's certificate is for Alice's KEM key",
  [lone("s1", "source", "alice", "bob", nothing), lone("d1", "destination", "bob", "mallory", nothing)],
  { malloryPins: "alice", wits: "relay" },
);
export const asBob = world(
  "Mallory's certificate is for Bob's KEM key",
  [lone("s1", "source", "alice", "mallory", nothing), lone("d1", "destination", "bob", "alice", nothing)],
  { malloryPins: "bob", wits: "relay" },
);
export const self = world("Alice talks to herself", [lone("s1", "source", "alice", "alice", nothing)]);

export const caught = (by: string, where: World): Fate => ({ kind: "caught", by, world: where });
export const inPieces = (by: string): Fate => ({ kind: "caught", by });
export const madeUpFor = (why: string): Fate => ({ kind: "made up for", why });

const at = (file: string) => (find: string, replace: string) => ({ file, find, replace });
export const inHandshake = at("handshake.ts");
export const inConclusion = at("conclusion.ts");
export const inKeys = at("session-keys.ts");
export const inTranscript = at("transcript.ts");
export const inCombiner = at("hybrid-combiner.ts");
export const inState = at("handshake-state.ts");
