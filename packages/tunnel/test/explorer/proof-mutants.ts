/** Mistakes in what the ends' proofs are of, and in how they are given, taken and compared. */
import {
  asAlice,
  asBob,
  asking,
  broken,
  caught,
  inConclusion,
  inHandshake,
  inKeys,
  inState,
  inTls,
  inTranscript,
  type Mutant,
  madeUpFor,
  met,
  relayed,
  self,
  twins,
} from "./mutant.ts";
import { bareCombiner } from "./secret-mutants.ts";

const noTranscriptInKeys = inKeys(
  "combineSecrets(sha384, label, contributions, transcript)",
  "combineSecrets(sha384, label, contributions, label === '' ? transcript : new Uint8Array())",
);
const noTranscriptInProof = inKeys('"finished", sender), transcript)', '"finished", sender), new Uint8Array())');
const roleUnchecked = inHandshake('if (hello.role === facts.role) return aborted(state, "role-mismatch");', "");
const oneProof = inKeys('derive(sha384, secret, "finished", sender)', 'derive(sha384, secret, "finished")');
const ends = "[sha384.hash(sourceLeaf), sha384.hash(destinationLeaf)]";
const witnessed = "...ends, sessionId, sourceMessages, destinationMessages";
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
      inHandshake("greeted(sha384, seen(),", "greeted(sha384, state,"),
    ],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "ciphertexts are left out, and out of the combiner",
    patches: [
      bareCombiner,
      inState(chainSent, 'message.type === "kem-ciphertext" ? state.sent : chained(sha384, state.sent, bytes)'),
      inHandshake("{ ...seen(), fromPeer }", "{ ...state, fromPeer }"),
    ],
    fate: caught("agreement: s1", broken),
  },
  {
    name: "the session id is of the source's choice",
    patches: [inTranscript('session v1"), sourceRandom, destinationRandom)', 'session v1"), sourceRandom)')],
    fate: caught("binding: d1", twins),
  },
  {
    name: "the version is left out",
    patches: [inTranscript("Uint8Array.of(version), ...ends", "...ends")],
    fate: madeUpFor("it follows from both hellos"),
  },
  {
    name: "the session id is left out",
    patches: [inTranscript("...ends, sessionId,", "...ends,")],
    fate: madeUpFor("it follows from both hellos"),
  },
  {
    name: "KEM keys are left out",
    patches: [
      inState(chainSent, 'message.type === "kem-key" ? state.sent : chained(sha384, state.sent, bytes)'),
      inHandshake("keyed(seen(),", "keyed(state,"),
    ],
    fate: caught("agreement: s1", asking),
  },
  {
    name: "both directions begin alike",
    patches: [inTranscript("{sender} v1", "{label} v1"), inTranscript("sender: Role", "_: Role, label = 'either end'")],
    fate: madeUpFor("both directions have places of their own, and hellos tell the sender's role"),
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

export const proofMutants: readonly Mutant[] = [...ofTheTranscript, ...ofTheProofs, ...ofWhatIsAgreed];
