/**
 * Mistakes that a handshake can have, each made on purpose in the real sources, and by which property in which world the explorer
 * must find it. Those that nothing finds say what makes up for them.
 */
import type { Patch } from "./mutated.ts";
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

const broken = world("TLS's key exchange is broken", joint("1", "open", {}, { source: { capabilities: 3 } }));
const relayed: World = { ...broken, wits: "relay" };
const asking = world("a key is asked for", joint("1", "open", {}, { source: { keptKey: undefined } }));
const poisoned = world("a kept key is Mallory's", joint("1", "open", {}, { source: { keptKey: "mallory" } }));
const inTls = world("TLS holds, all KEM keys are known", joint("1", "sealed", {}, { source: { capabilities: 3 } }), {
  stolen: ["alice", "bob"],
});
const met = world("Mallory is met", [lone("d1", "destination", "bob", "mallory")]);
const nothing = { exporter: "of all" } as const;
const twins = world(
  "one source is heard by two destinations",
  [lone("d1", "destination", "bob", "alice", nothing), lone("d2", "destination", "bob", "alice", nothing)],
  { wits: "relay" },
);
const asAlice = world(
  "Mallory's certificate is for Alice's KEM key",
  [lone("s1", "source", "alice", "bob", nothing), lone("d1", "destination", "bob", "mallory", nothing)],
  { malloryPins: "alice", wits: "relay" },
);
const asBob = world(
  "Mallory's certificate is for Bob's KEM key",
  [lone("s1", "source", "alice", "mallory", nothing), lone("d1", "destination", "bob", "alice", nothing)],
  { malloryPins: "bob", wits: "relay" },
);
const self = world("Alice talks to herself", [lone("s1", "source", "alice", "alice", nothing)]);

const caught = (by: string, where: World): Fate => ({ kind: "caught", by, world: where });
const inPieces = (by: string): Fate => ({ kind: "caught", by });
const madeUpFor = (why: string): Fate => ({ kind: "made up for", why });

const at = (file: string) => (find: string, replace: string) => ({ file, find, replace });
const inHandshake = at("handshake.ts");
const inConclusion = at("conclusion.ts");
const inKeys = at("session-keys.ts");
const inTranscript = at("transcript.ts");
const inCombiner = at("hybrid-combiner.ts");
const inState = at("handshake-state.ts");

const noTranscriptInKeys = inKeys(
  "combineSecrets(sha384, label, contributions, transcript)",
  "combineSecrets(sha384, label, contributions, label === '' ? transcript : new Uint8Array())",
);
const noTranscriptInProof = inKeys('"finished", sender), transcript)', '"finished", sender), new Uint8Array())');
const roleUnchecked = inHandshake('if (hello.role === facts.role) return aborted(state, "role-mismatch");', "");
const oneProof = inKeys('derive(sha384, secret, "finished", sender)', 'derive(sha384, secret, "finished")');
const bareCombiner = inCombiner("framed(utf8(name), publicKey, ciphertext)", "framed(utf8(name))");
const ends = "[sha384.hash(sourceLeaf), sha384.hash(destinationLeaf)]";
const witnessed = "...ends, sessionId, sourceMessages, destinationMessages";
const legs = 'role === "destination" ? [tls, toOwn, toOther] : [tls, toOther, toOwn]';
const proofCheck = 'if (!isEqual(proof.peerMac, peerMac)) return aborted(state, "finished-mismatch");';
const chainSent = "chained(sha384, state.sent, bytes)";

const ofTheTranscript: readonly Mutant[] = [
  { name: "no transcript in the keys", patches: [noTranscriptInKeys], fate: caught("binding: s1", broken) },
  {
    name: "no transcript in the proofs",
    patches: [noTranscriptInProof],
    fate: madeUpFor("the key of a proof comes from the transcript as well"),
  },
  {
    name: "no transcript at all",
    patches: [noTranscriptInKeys, noTranscriptInProof],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "the client's certificate is left out",
    patches: [inTranscript(ends, "[sha384.hash(destinationLeaf)]")],
    fate: caught("agreement: s1", asAlice),
  },
  {
    name: "the server's certificate is left out",
    patches: [inTranscript(ends, "[sha384.hash(sourceLeaf)]")],
    fate: caught("agreement: d1", asBob),
  },
  {
    name: "the source's messages are left out",
    patches: [inTranscript(witnessed, "...ends, sessionId, destinationMessages")],
    fate: caught("agreement: d1", broken),
  },
  {
    name: "the destination's messages are left out",
    patches: [inTranscript(witnessed, "...ends, sessionId, sourceMessages")],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "hellos are left out",
    patches: [
      inState(chainSent, 'message.type === "hello" ? state.sent : chained(sha384, state.sent, bytes)'),
      inHandshake("return greeted(sha384, next,", "return greeted(sha384, state,"),
    ],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "ciphertexts are left out, and out of the combiner",
    patches: [
      bareCombiner,
      inState(chainSent, 'message.type === "kem-ciphertext" ? state.sent : chained(sha384, state.sent, bytes)'),
      inHandshake("return { state: { ...next, fromPeer }", "return { state: { ...state, fromPeer }"),
    ],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "the session id is of the source's choice",
    patches: [inTranscript('session v1"), sourceRandom, destinationRandom)', 'session v1"), sourceRandom)')],
    fate: caught("binding: d1", twins),
  },
];

const ofTheProofs: readonly Mutant[] = [
  { name: "proofs are not checked", patches: [inConclusion(proofCheck, "")], fate: caught("agreement: s1", relayed) },
  { name: "both ends have the same proof", patches: [oneProof], fate: caught("agreement: s1", relayed) },
  {
    name: "roles are told, and not compared",
    patches: [roleUnchecked],
    fate: madeUpFor("each role has a proof of its own, so that nobody can give its own back"),
  },
  {
    name: "roles are in nothing",
    patches: [roleUnchecked, oneProof],
    fate: caught("agreement: s1", self),
  },
  {
    name: "a session begins before the peer's proof",
    patches: [
      inConclusion("if (proof === undefined || peerMac === undefined) return", "if (proof === undefined) return"),
      inConclusion(proofCheck, ""),
    ],
    fate: caught("both finished: s1", inTls),
  },
  {
    name: "keys are installed again when a proof comes again",
    patches: [
      inConclusion(
        'state: { kind: "over" }, outputs: [{ kind: "est',
        'state: { ...state, peerMac: undefined }, outputs: [{ kind: "est',
      ),
    ],
    fate: caught("one outcome: s1", relayed),
  },
  {
    name: "a ciphertext is taken after the proof",
    patches: [inHandshake("&& isHybrid && fromPeer === undefined", "&& isHybrid")],
    fate: caught("agreement: s1", relayed),
  },
  {
    name: "the proof is the epoch's secret",
    patches: [
      inKeys('sha384.hmac(derive(sha384, secret, "finished", sender), transcript)', 'derive(sha384, secret, "epoch")'),
    ],
    fate: caught("secrecy: s1", relayed),
  },
];

const ofTheSecrets: readonly Mutant[] = [
  {
    name: "a KEM key is not compared with its pin",
    patches: [
      inHandshake(
        'if (pin === undefined || !isEqual(sha384.hash(publicKey), pin)) return aborted(state, "kem-key-mismatch");',
        "",
      ),
    ],
    fate: caught("secrecy: s1", asking),
  },
  {
    name: "a kept KEM key is not compared with its pin",
    patches: [inHandshake("isEqual(sha384.hash(peerKemKey), peerKemPin)", "true")],
    fate: caught("secrecy: s1", poisoned),
  },
  {
    name: "public keys and ciphertexts are left out of the combiner",
    patches: [bareCombiner],
    fate: inPieces("universal combiner: ciphertext"),
  },
  {
    name: "the combiner ignores names",
    patches: [inCombiner("framed(utf8(name), publicKey, ciphertext)", "framed(publicKey, ciphertext)")],
    fate: inPieces("universal combiner: name"),
  },
  {
    name: "the combiner does not tell its parts apart",
    patches: [inCombiner("framed(utf8(name), publicKey, ciphertext)", "framed(utf8(name)), publicKey, ciphertext")],
    fate: inPieces("universal combiner: boundaries"),
  },
  {
    name: "only the destination's KEM key counts",
    patches: [inConclusion(legs, 'role === "destination" ? [tls, toOwn] : [tls, toOther]')],
    fate: caught("agreement: d1", relayed),
  },
  {
    name: "only the source's KEM key counts",
    patches: [inConclusion(legs, 'role === "destination" ? [tls, toOther] : [tls, toOwn]')],
    fate: caught("agreement: s1", relayed),
  },
  {
    name: "KEM secrets count where they are there",
    patches: [
      inConclusion(
        "if (toPeer === undefined || fromPeer?.secret === undefined) return undefined;",
        "if (toPeer === undefined || fromPeer?.secret === undefined) return [tls];",
      ),
    ],
    fate: caught("secrecy: s1", asking),
  },
  {
    name: "TLS's secret does not count in hybrid mode",
    patches: [inConclusion(legs, 'role === "destination" ? [toOwn, toOther] : [toOther, toOwn]')],
    fate: caught("secrecy: s1", inTls),
  },
  {
    name: "both directions have the same keys",
    patches: [inKeys('purpose, "destination", length)', 'purpose, "source", length)')],
    fate: inPieces("separation"),
  },
  {
    name: "every epoch has the same keys",
    patches: [inKeys('return derive(sha384, epochSecret, "next epoch")', "return epochSecret.slice()")],
    fate: inPieces("separation"),
  },
  {
    name: "all purposes have the same keys",
    patches: [inKeys("framed(utf8(label), utf8(purpose), utf8(sender))", "framed(utf8(label), utf8(sender))")],
    fate: inPieces("separation"),
  },
];

const ofWhatIsAgreed: readonly Mutant[] = [
  {
    name: "the mode is the peer's",
    patches: [
      inHandshake('if (hello.mode !== facts.mode) return aborted(state, "mode-mismatch");', ""),
      inHandshake(
        '(hello.kemKey === "none") !== (facts.mode === "mlkem768")',
        '(hello.kemKey === "none") !== (hello.mode === "mlkem768")',
      ),
      inHandshake(
        "{ ...state, peerHello: hello }",
        "{ ...state, facts: { ...facts, mode: hello.mode }, peerHello: hello }",
      ),
    ],
    fate: caught("no downgrade: s1", broken),
  },
  {
    name: "the version is not checked",
    patches: [
      inHandshake(
        "hello.leastVersion > protocolVersion || hello.mostVersion < protocolVersion",
        "hello.random.length === 0",
      ),
    ],
    fate: caught("no downgrade: d1", met),
  },
  {
    name: "the peer's capabilities are taken for both ends'",
    patches: [inConclusion("(facts.capabilities & hello.capabilities) >>> 0", "hello.capabilities")],
    fate: caught("agreement: s1", inTls),
  },
];

export const mutants: readonly Mutant[] = [...ofTheTranscript, ...ofTheProofs, ...ofTheSecrets, ...ofWhatIsAgreed];
