/** Changes of peers in portions that fit into one message of the kernel's, in their order. */
import type { Prefix } from "@ropewalk/kernel/addresses";
import type { PeerChange, PeerValues } from "../device.ts";

/** Of one change; a prefix takes up to 44 octets, and all of a change's must fit into one attribute. */
const mostPrefixes = 256;
/** Of one portion: some 60 peers, for which the kernel takes a few milliseconds, and a quarter of what fits into one attribute. */
const mostOctets = 16 * 1024;
/** All of a peer but its prefixes, and each of these: more than they take. */
const [peerOctets, prefixOctets] = [192, 48];

/** A change with more prefixes than fit becomes several, of which the later ones add. */
export function* changePortions(changes: readonly PeerChange[]): Generator<readonly PeerChange[]> {
  let portion: PeerChange[] = [];
  let octets = 0;
  for (const change of changes.flatMap(splitChange)) {
    const more = peerOctets + prefixesOf(change).length * prefixOctets;
    if (octets + more > mostOctets) {
      yield portion;
      [portion, octets] = [[], 0];
    }
    portion.push(change);
    octets += more;
  }
  if (portion.length > 0) yield portion;
}

function prefixesOf(change: PeerChange): readonly Prefix[] {
  switch (change.kind) {
    case "add":
      return change.peer.allowedPrefixes;
    case "update":
      return change.values.prefixes?.prefixes ?? [];
    case "remove":
      return [];
  }
}

function splitChange(change: PeerChange): readonly PeerChange[] {
  const prefixes = prefixesOf(change);
  if (prefixes.length <= mostPrefixes || change.kind === "remove") return [change];
  const publicKey = change.kind === "add" ? change.peer.publicKey : change.publicKey;
  const rest: PeerChange[] = [];
  for (let at = mostPrefixes; at < prefixes.length; at += mostPrefixes) {
    const values: PeerValues = { prefixes: { kind: "add", prefixes: prefixes.slice(at, at + mostPrefixes) } };
    rest.push({ kind: "update", publicKey, values });
  }
  return [withPrefixes(change, prefixes.slice(0, mostPrefixes)), ...rest];
}

function withPrefixes(change: Exclude<PeerChange, { kind: "remove" }>, prefixes: readonly Prefix[]): PeerChange {
  if (change.kind === "add") return { kind: "add", peer: { ...change.peer, allowedPrefixes: prefixes } };
  const kind = change.values.prefixes?.kind ?? "add";
  return { ...change, values: { ...change.values, prefixes: { kind, prefixes } } };
}
