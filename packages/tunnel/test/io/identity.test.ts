/** What can be in the files of an identity, and what is said of those that cannot be used. */
import assert from "node:assert/strict";
import { chmodSync, truncateSync } from "node:fs";
import { after, suite, test } from "node:test";
import { encodeKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import { encodeKemPin } from "@ropewalk/crypto/certificates/pure/kem-pin";
import { McElieceKeyPair, McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import { describeError } from "@ropewalk/kernel/errors";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { TunnelError } from "@ropewalk/tunnel/errors";
import { checkFitness, type IdentityFiles, loadIdentity } from "@ropewalk/tunnel/io/identity";
import { IdentityFolder, issue, revocationList } from "../throw-away-authority.ts";

const folder = new IdentityFolder();
after(() => folder[Symbol.dispose]());
const ca = issue({ name: "CA", isCa: true });
const pair = new McElieceKeyPair(
  new McEliecePublicKey(new Uint8Array(mcElieceLengths.publicKey).fill(5)),
  new SecretBytes(new Uint8Array(mcElieceLengths.secretKey).fill(6)),
);
const pin = encodeKemPin(pair.publicKey.sha384);
const site = issue({ ca, name: "site", names: ["site.example", pin], usage: "client" });
const kemKey = folder.put("site.kem", encodeKemKey(pair).reveal());
const good: IdentityFiles = { ...folder.identity("site", site, [ca]), kemKey };

test("certificate, key, CA and list may each be PEM or DER", () => {
  const key = folder.put("site.key.der", site.privateKey.export({ type: "pkcs8", format: "der" }));
  const list = revocationList(ca, []);
  const bare = list.replace(/-----[^-]+-----|\s/g, "");
  const forms: Readonly<Record<"certificate" | "key" | "authorities" | "revocationLists", readonly string[]>> = {
    certificate: [good.certificate, folder.put("site.der", site.der)],
    key: [good.key, key],
    authorities: [...good.authorities, folder.put("ca.der", ca.der)],
    revocationLists: [folder.put("ca.crl", list), folder.put("ca.crl.der", Buffer.from(bare, "base64"))],
  };
  const digests = new Set<string>();
  for (const certificate of forms.certificate)
    for (const keyFile of forms.key)
      for (const authority of forms.authorities)
        for (const crl of forms.revocationLists) {
          const { facts } = loadIdentity({
            certificate,
            key: keyFile,
            kemKey,
            authorities: [authority],
            revocationLists: [crl],
          });
          assert.deepEqual([facts.leaf.names.dns, facts.trust.crls.length], [["site.example"], 1]);
          digests.add(facts.digest);
        }
  assert.equal(digests.size, 16);
});

test("a file that has not changed gives the same digest", () => {
  assert.equal(loadIdentity(good).facts.digest, loadIdentity(good).facts.digest);
});

suite("what cannot be used is refused with the file's name", () => {
  const ed = issue({ ca, name: "site", names: ["site.example"], usage: "client", algorithm: "ed25519" });
  const unpinned = issue({ ca, name: "site", names: ["site.example"], usage: "client" });
  const wrongPin = issue({
    ca,
    name: "site",
    names: ["site.example", encodeKemPin(new Uint8Array(48))],
    usage: "client",
  });
  const put = (name: string, text: string | Uint8Array) => folder.put(name, text);
  const cut = (file: string, content: string | Uint8Array, length: number) => {
    const path = put(file, content);
    truncateSync(path, length);
    return path;
  };
  const exposed = put("exposed.key", site.key);
  chmodSync(exposed, 0o640);
  const cases: readonly (readonly [name: string, change: Partial<IdentityFiles>, message: RegExp])[] = [
    ["an absent certificate", { certificate: "/nonexistent/a.crt" }, /^\/nonexistent\/a\.crt: .*no such file/],
    ["a key in place of the certificate", { certificate: good.key }, /site\.key: it holds a private key/],
    ["a certificate in place of the key", { key: put("c.key", site.certificate) }, /c\.key: it holds a certificate/],
    ["a certificate that was cut", { certificate: cut("cut.crt", site.certificate, 2000) }, /cut\.crt: .*cut short/],
    ["a key that was cut", { key: cut("cut.key", site.key, 60) }, /cut\.key: .*cut short/],
    ["a key that others may read", { key: exposed }, /exposed\.key: .*mode 0640.*chmod 600/],
    ["the key of another certificate", { key: folder.identity("u", unpinned, []).key }, /u\.key: it is not the key of/],
    ["a certificate of Ed25519", folder.identity("ed", ed, [ca]), /ed\.crt: its key is of ed25519, and a tunnel's/],
    ["a CA that is no certificate", { authorities: [put("ca.txt", "hello")] }, /ca\.txt: /],
    ["an empty list", { revocationLists: [put("empty.crl", "")] }, /empty\.crl: it is empty/],
    ["a folder for a list", { revocationLists: [folder.path] }, /it is a folder, a pipe or a device/],
    [
      "a McEliece key that was cut",
      { kemKey: cut("cut.kem", encodeKemKey(pair).reveal(), 70_000) },
      /cut\.kem: .*cut short/,
    ],
    [
      "a McEliece key that no certificate names",
      { ...folder.identity("v", unpinned, [ca]), kemKey },
      /v\.crt: it names no/,
    ],
    [
      "another McEliece key than the certificate names",
      { ...folder.identity("w", wrongPin, [ca]), kemKey },
      /site\.kem: it is not the McEliece key/,
    ],
  ];
  for (const [name, change, message] of cases) {
    test(name, () => {
      assert.throws(
        () => loadIdentity({ ...good, ...change }),
        (error: unknown) => {
          assert(error instanceof TunnelError);
          assert.equal(error.code, "TUNNEL_IDENTITY");
          assert.match(error.message, message);
          assert.equal(describeError(error), error.message, "it is told once");
          assert.doesNotMatch(error.message, /BEGIN|MII/);
          return true;
        },
      );
    });
  }
});

test("a certificate that no peer would take is known before any peer sees it", () => {
  const others = issue({ name: "CA of others", isCa: true });
  const identity = loadIdentity(good);
  checkFitness(identity, "source", Date.now());
  assert.throws(() => checkFitness(identity, "destination", Date.now()), /is not for a server/);
  assert.throws(() => checkFitness(identity, "source", Date.now() + 5 * 365 * 86_400_000), /either the clock is wrong/);
  const stranger = loadIdentity({ ...good, ...folder.identity("x", site, [others]), kemKey });
  assert.throws(() => checkFitness(stranger, "source", Date.now()), /which is not trusted here/);
});
