/** The small worlds, which every run of the tests goes through: what the attacker has in each, and what it gains by that. */
import { joint, lone, type World, world } from "./world.ts";

const wanted = { source: { keptKey: undefined } } as const;
const never = { stolen: [], exporters: "hold" } as const;
const pure = { mode: "mlkem768" } as const;
/** All that may be lost of an end's session while it is made. */
const lost = (...ends: readonly string[]) => ends.flatMap((end) => [`agreement: ${end}`, `secrecy: ${end}`]);
const later = (...ends: readonly string[]) => ends.map((end) => `forward secrecy: ${end}`);

const whereTlsHolds: readonly World[] = [
  world("TLS holds, and both KEM keys are known from the start", joint("1", "sealed", {}, wanted), {
    ...{ stolen: ["alice", "bob"], kem: "at any time" },
  }),
  world("TLS holds, mlkem768, and all long-term keys come out afterwards", joint("1", "sealed", pure)),
  world("TLS's key exchange falls afterwards, one KEM key does not", joint("1", "sealed"), {
    afterwards: { stolen: ["alice"], exporters: "broken" },
  }),
  world("TLS's key exchange falls afterwards, and both KEM keys", joint("1", "sealed"), {
    ...{ afterwards: { stolen: ["alice", "bob"], exporters: "broken" }, breaks: later("s1", "d1") },
  }),
  world("TLS's key exchange falls afterwards, mlkem768", joint("1", "sealed", pure), {
    ...{ afterwards: { stolen: [], exporters: "broken" }, breaks: later("s1", "d1") },
  }),
  world("the ends do not want the same mode", joint("1", "sealed", {}, { source: pure }), { concludes: [] }),
  world(
    "TLS holds, and Mallory is at both ends besides",
    [...joint("1", "sealed"), lone("s2", "source", "alice", "mallory"), lone("d3", "destination", "bob", "mallory")],
    { wits: "relay" },
  ),
];

const whereItsKeyExchangeIsBroken: readonly World[] = [
  world("TLS's key exchange is broken, KEM keys are kept", joint("1", "open", {}, { source: { capabilities: 3 } }), {
    afterwards: { ...never, stolen: ["bob"] },
  }),
  world("the same, and a KEM key is asked for", joint("1", "open", {}, wanted), { afterwards: never }),
  world("the same, and both KEM keys come out afterwards", joint("1", "open"), { breaks: later("s1", "d1") }),
  world("the same, and Bob's KEM key was stolen before", joint("1", "open"), {
    ...{ stolen: ["bob"], afterwards: never, breaks: lost("s1") },
  }),
  world("the same, and Alice's KEM key was stolen before", joint("1", "open"), {
    ...{ stolen: ["alice"], afterwards: never, breaks: lost("d1") },
  }),
  world("the same, and both KEM keys were stolen before", joint("1", "open"), {
    ...{ stolen: ["alice", "bob"], breaks: lost("s1", "d1") },
  }),
  world("TLS's key exchange is broken, mlkem768", joint("1", "open", pure), { breaks: lost("s1", "d1") }),
  world(
    "TLS's key exchange is broken, and the ends do not want the same mode",
    joint("1", "open", {}, { source: pure }),
    {
      ...{ breaks: lost("s1"), concludes: ["s1"] },
    },
  ),
  world("a source has kept a key that is Mallory's", joint("1", "open", {}, { source: { keptKey: "mallory" } }), {
    afterwards: never,
  }),
  world(
    "the same for two sources of Alice's, one destination, and one exporter",
    [...joint("1", "open"), lone("s2", "source", "alice", "bob", { exporter: "of 1" })],
    { wits: "relay", afterwards: never },
  ),
];

const whereOneOfTwoConnectionsIsBroken: readonly World[] = [
  world("the first connection can be read, mlkem768", twice(pure), { breaks: lost("s1", "d1") }),
  world("the first connection can be read, and TLS resumes the second from it, mlkem768", twice(pure), {
    ...{ resumed: { "of 2": "of 1" }, breaks: [...lost("s1", "d1"), "secrecy: s2", "secrecy: d2"] },
  }),
  world("the first connection can be read, and TLS resumes the second from it, hybrid", twice({}), {
    ...{ resumed: { "of 2": "of 1" }, wits: "relay", afterwards: never },
  }),
];

function twice(both: Parameters<typeof joint>[2]): World["ends"] {
  return [...joint("1", "open", both), ...joint("2", "sealed", both)];
}

const whereSigningKeysAreStolen: readonly World[] = [
  world(
    "Bob's signing key was stolen, mlkem768",
    [...joint("1", "sealed", pure), lone("s2", "source", "alice", "bob", pure)],
    { breaks: lost("s2") },
  ),
  world(
    "Alice's signing key was stolen, mlkem768",
    [...joint("1", "sealed", pure), lone("d2", "destination", "bob", "alice", pure)],
    { breaks: lost("d2") },
  ),
  world(
    "Alice's signing key was stolen, hybrid",
    [...joint("1", "sealed"), lone("d2", "destination", "bob", "alice")],
    {
      concludes: ["s1", "d1"],
    },
  ),
  world("Bob's signing key was stolen, hybrid", [...joint("1", "sealed"), lone("s2", "source", "alice", "bob")], {
    concludes: ["s1", "d1"],
  }),
  world(
    "all that Bob has was stolen",
    [...[...joint("1", "sealed"), lone("s2", "source", "alice", "bob")], lone("d3", "destination", "bob", "mallory")],
    { stolen: ["bob"], wits: "relay", breaks: lost("s2") },
  ),
  world(
    "all that Alice has was stolen",
    [...[...joint("1", "sealed"), lone("d2", "destination", "bob", "alice")], lone("s3", "source", "alice", "mallory")],
    { stolen: ["alice"], wits: "relay", breaks: lost("d2") },
  ),
];

/** All connections export the same, Mallory knows it, and can open one in anybody's name. */
const nothing = { exporter: "of all" } as const;

const whereTlsGivesNothing: readonly World[] = [
  world(
    "TLS gives nothing, and Alice talks to Mallory besides",
    [
      lone("s1", "source", "alice", "bob", nothing),
      lone("d1", "destination", "bob", "alice", nothing),
      lone("s2", "source", "alice", "mallory", nothing),
    ],
    { wits: "relay", afterwards: never },
  ),
  world(
    "Mallory, as a source, has a certificate for Alice's KEM key",
    [lone("s1", "source", "alice", "bob", nothing), lone("d1", "destination", "bob", "mallory", nothing)],
    { malloryPins: "alice", concludes: [] },
  ),
  world(
    "Mallory, as a destination, has a certificate for Bob's KEM key",
    [lone("s1", "source", "alice", "mallory", nothing), lone("d1", "destination", "bob", "alice", nothing)],
    { malloryPins: "bob", concludes: [] },
  ),
  world(
    "Alice talks to herself",
    [lone("s1", "source", "alice", "alice", nothing), lone("d1", "destination", "alice", "alice", nothing)],
    { afterwards: never },
  ),
];

export const smallWorlds: readonly World[] = [
  ...[...whereTlsHolds, ...whereItsKeyExchangeIsBroken, ...whereOneOfTwoConnectionsIsBroken],
  ...[...whereSigningKeysAreStolen, ...whereTlsGivesNothing],
];
