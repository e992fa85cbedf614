/** Mistakes in what the session's secrets are made from, and in how keys are made from them. */
import {
  asking,
  caught,
  inCombiner,
  inConclusion,
  inHandshake,
  inKeys,
  inPieces,
  inTls,
  type Mutant,
  poisoned,
  recorded,
  relayed,
} from "./mutant.ts";

export const bareCombiner = inCombiner("framed(utf8(name), publicKey, ciphertext)", "framed(utf8(name))");
const legs = 'role === "destination" ? [tls, toOwn, toOther] : [tls, toOther, toOwn]';

export const secretMutants: readonly Mutant[] = [
  {
    name: "a KEM key is not compared with its pin",
    patches: [
      inHandshake("return isPinned(sha384, state.facts, message.publicKey)", "return message.publicKey.length > 0"),
    ],
    fate: caught("secrecy: s1", asking),
  },
  {
    name: "a kept KEM key is not compared with its pin",
    patches: [
      inHandshake("peerKemKey !== undefined && isPinned(sha384, facts, peerKemKey)", "peerKemKey !== undefined"),
    ],
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
    name: "TLS's secret does not count, and all KEM keys come out later",
    patches: [inConclusion(legs, 'role === "destination" ? [toOwn, toOther] : [toOther, toOwn]')],
    fate: caught("forward secrecy: s1", recorded),
  },
  {
    name: "both directions have the same keys",
    patches: [inKeys('purpose, "destination")', 'purpose, "source")')],
    fate: inPieces("separation"),
  },
  {
    name: "all purposes have the same keys",
    patches: [inKeys("framed(utf8(label), utf8(purpose), utf8(sender))", "framed(utf8(label), utf8(sender))")],
    fate: inPieces("separation"),
  },
];
