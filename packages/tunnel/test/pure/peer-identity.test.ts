import assert from "node:assert/strict";
import { test } from "node:test";
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { isSamePeer, type PeerIdentity, peerIdentity } from "@ropewalk/tunnel/pure/peer-identity";
import { type Issued, issue } from "../throw-away-authority.ts";

const [ca, otherCa] = [issue({ name: "CA", isCa: true }), issue({ name: "CA", isCa: true })];
const factsOf = ({ der }: Issued) => readCertificates(new Uint8Array(der));

function identity(names: readonly string[], by = ca, name = "site"): PeerIdentity {
  const leaf = issue({ ca: by, name, names, usage: "client" });
  return peerIdentity([...factsOf(leaf), ...factsOf(by)]);
}

test("a new certificate of the same names by the same CA is the same peer, in whatever order the names stand", () => {
  assert.ok(isSamePeer(identity(["a.example", "b.example"]), identity(["b.example", "a.example"], ca, "renewed")));
});

test("another name, one more or one less is another peer", () => {
  const one = identity(["a.example"]);
  for (const names of [["b.example"], ["a.example", "b.example"], []]) {
    assert.equal(isSamePeer(one, identity(names)), false, names.join());
    assert.equal(isSamePeer(identity(names), one), false, names.join());
  }
});

test("another CA of the same name vouches for other peers", () => {
  assert.equal(isSamePeer(identity(["a.example"]), identity(["a.example"], otherCa)), false);
});

test("certificates that name nobody are each a peer of its own", () => {
  const nameless = identity([]);
  assert.equal(isSamePeer(nameless, identity([])), false);
  assert.ok(isSamePeer(nameless, { ...nameless }));
});
