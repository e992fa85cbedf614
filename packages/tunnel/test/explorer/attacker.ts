/**
 * What the attacker can say. Everything that it saw, to anybody; and what it can make: hellos that are like those it saw but for
 * one thing, its own, ciphertexts with secrets that it knows, keys of others, and proofs, wherever it has what goes into them.
 */
import {
  decodeMessage,
  encodeMessage,
  type Hello,
  type Message,
  type Mode,
  messageType,
} from "@ropewalk/tunnel/pure/handshake/message";
import type { End, Setting } from "./end.ts";
import { holding, keyOwner, type Name, type World } from "./world.ts";

const names: readonly Name[] = ["alice", "bob", "mallory"];

/** All that may be worth sending to `end` when `seen` has been sent; the same more than once, perhaps. */
export function sayable(setting: Setting, end: End, seen: readonly Uint8Array[]): readonly Uint8Array[] {
  const { kem, provenance, world } = setting;
  const made: Message[] = hellos(setting, end, seen);
  for (const name of names) made.push({ type: "kem-key", publicKey: kem.publicKey(keyOwner(world, name)) });
  const own = kem.publicKey(keyOwner(world, end.plan.owner));
  for (const secret of knownSecrets(setting, seen)) {
    made.push({ type: "kem-ciphertext", ciphertext: kem.encapsulateChosen(own, secret) });
  }
  if (world.wits !== "relay") made.push(...mauled(setting, seen));
  if (world.wits === "full") made.push({ type: "kem-ciphertext", ciphertext: provenance.open("no ciphertext", 24) });
  made.push({ type: "finished", mac: provenance.open("no proof", 48) }, { type: "abort", reason: "unknown" });
  const proof = end.state.kind === "over" ? undefined : end.state.proof;
  const sent = new Set(seen.flatMap((message) => provenance.secretsIn(message)));
  if (proof !== undefined && provenance.isDerivable(proof.peerMac, holding(world, "meanwhile"), sent)) {
    made.push({ type: "finished", mac: proof.peerMac });
  }
  return [...seen, ...made.map(encodeMessage)];
}

function hellos({ world, provenance }: Setting, { plan }: End, seen: readonly Uint8Array[]): Message[] {
  const random = provenance.open("random of mallory", 32);
  const role = plan.role === "source" ? "destination" : "source";
  const { mode, capabilities } = plan;
  const kemKey = mode === "hybrid" ? "held" : "none";
  const own: Hello = { type: "hello", leastVersion: 1, mostVersion: 1, role, mode, kemKey, capabilities, random };
  const all = [own];
  for (const octets of seen) {
    const message = octets[0] === messageType.hello ? decodeMessage(messageType.hello, octets.subarray(4)) : undefined;
    if (message?.type === "hello") all.push(message);
  }
  return all.flatMap((hello) => [hello, ...changesOf[world.wits](hello)]);
}

const changesOf: Readonly<Record<World["wits"], (hello: Hello) => readonly Hello[]>> = {
  relay: () => [],
  lean: fewChanges,
  full: everyChange,
};

function fewChanges(hello: Hello): readonly Hello[] {
  const mode: Mode = hello.mode === "hybrid" ? "mlkem768" : "hybrid";
  const kemKey = mode === "hybrid" ? "held" : "none";
  return [
    { ...hello, capabilities: 1 },
    { ...hello, mode, kemKey },
    { ...hello, leastVersion: 0, mostVersion: 0 },
  ];
}

function everyChange(hello: Hello): readonly Hello[] {
  const kemKey = hello.kemKey === "held" ? "wanted" : "held";
  return [
    ...fewChanges(hello),
    ...(hello.mode === "hybrid" ? [{ ...hello, kemKey } as const] : []),
    { ...hello, role: hello.role === "source" ? "destination" : "source" },
    { ...hello, mostVersion: 2 },
    { ...hello, leastVersion: 2, mostVersion: 2 },
    { ...hello, leastVersion: 0 },
  ];
}

function mauled({ kem }: Setting, seen: readonly Uint8Array[]): readonly Message[] {
  const ciphertexts = seen.filter(([type]) => type === messageType.kemCiphertext).map((octets) => octets.subarray(4));
  return ciphertexts.map((ciphertext) => ({ type: "kem-ciphertext", ciphertext: kem.mauled(ciphertext) }));
}

/** One of its own, and what it can read of ciphertexts that it saw: those it may send on under another key. */
function knownSecrets({ kem, provenance, world }: Setting, seen: readonly Uint8Array[]): readonly Uint8Array[] {
  const holds = holding(world, "meanwhile");
  const secrets = [provenance.drawn("mallory's secret", 32)];
  for (const octets of seen) {
    const content = octets[0] === messageType.kemCiphertext ? kem.contentOf(octets.subarray(4)) : undefined;
    if (content !== undefined && holds(`kem ${content.owner}`)) secrets.push(content.secret);
  }
  return secrets;
}
