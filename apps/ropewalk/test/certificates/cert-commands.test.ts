/** `ropewalk cert`: what is made, what is refused and with which exit code, and that no secret is told or left behind. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { type Said, typed } from "./typed.ts";

const root = mkdtempSync(join(tmpdir(), "ropewalk-cert-"));
after(() => rmSync(root, { recursive: true }));
const shared = join(root, "shared");
let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});

const day = 86_400_000;
const now = Date.UTC(2026, 10, 22);
const ca = ["--ca-cert", `${shared}.crt`, "--ca-key", `${shared}.key`];
const at = (name: string) => join(folder, name);
const out = (name: string) => ["--out-cert", at(`${name}.crt`), "--out-key", at(`${name}.key`)];

async function cert(...words: readonly string[]): Promise<Said> {
  return typed(["cert", ...words], now);
}

/** The document that a command prints, which must end well. */
async function json(...words: readonly string[]) {
  const said = await cert(...words, "--json");
  assert.equal(said.status, 0, said.stderr);
  return JSON.parse(said.stdout);
}

async function made(...words: readonly string[]): Promise<Said> {
  const said = await cert(...words);
  assert.equal(said.status, 0, said.stderr);
  return said;
}

before(async () => {
  await made(
    "ca",
    "--name",
    "test CA",
    "--out-cert",
    `${shared}.crt`,
    "--out-key",
    `${shared}.key`,
    "--algorithm",
    "ed25519",
  );
});

test("a node's certificate is trusted at either end", async () => {
  await made("node", "--name", "exit1", "--dns", "exit1.example", ...ca, ...out("node"));
  const { contents } = await json("show", at("node.crt"));
  assert.deepEqual(contents[0].extendedKeyUsages, ["serverAuth", "clientAuth"]);
  for (const role of ["server", "client"])
    await made("verify", at("node.crt"), "--ca", `${shared}.crt`, "--role", role);
});

test("a CA, a server and a client are made, shown and trusted, each for its own end", async () => {
  await made("ca", "--name", "clinic CA", ...out("ca"));
  const own = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  await made("server", "--name", "clinic", "--dns", "clinic.example", "--ip", "192.0.2.1", ...own, ...out("server"));
  await made("client", "--name", "site a", "--uri", "urn:site:a", ...own, ...out("client"));
  const { contents } = await json("show", at("server.crt"));
  assert.equal(contents[0].keyAlgorithm, "ml-dsa-65", "the CA's");
  assert.deepEqual(contents[0].names, { dns: ["clinic.example"], ip: ["192.0.2.1"], uri: [], email: [] });
  for (const [name, role] of [
    ["server", "server"],
    ["client", "client"],
  ] as const) {
    const trusted = await json("verify", at(`${name}.crt`), "--ca", at("ca.crt"), "--role", role);
    assert.equal(trusted.trusted, true);
  }
  const wrong = await cert("verify", at("client.crt"), "--ca", at("ca.crt"), "--role", "server");
  assert.deepEqual([wrong.status, wrong.stdout], [9, ""]);
  assert.match(wrong.stderr, /\(wrong-role\)/);
});

test("keys are for their owner alone, and nothing of them is ever printed", async () => {
  const said = [
    await made("server", "--name", "a", "--dns", "a.example", ...ca, ...out("a")),
    await cert("show", at("a.key")),
    await cert("verify", at("a.key"), "--ca", `${shared}.crt`),
    await cert("crl", "--ca-cert", at("a.key"), "--ca-key", at("a.key"), "--crl", at("a.crl")),
    await cert("sign", at("a.key"), "--role", "client", ...ca, "--out-cert", at("b.crt")),
  ];
  assert.equal(statSync(at("a.key")).mode & 0o777, 0o600);
  const body = readFileSync(at("a.key"), "utf8").split("\n")[1] ?? "";
  assert.ok(body.length > 40);
  for (const [index, { status, stdout, stderr }] of said.entries()) {
    assert.equal(status, index === 0 ? 0 : 1);
    for (let from = 0; from + 12 <= body.length; from += 1)
      assert.ok(!`${stdout}${stderr}`.includes(body.slice(from, from + 12)));
  }
  assert.match(said[1]?.stderr ?? "", /holds a private key, which is not shown/);
});

test("what is there is overwritten only by --force, and then all of it is new", async () => {
  const words = ["client", "--name", "a", "--dns", "a.example", ...ca, ...out("a")];
  await made(...words);
  const first = readFileSync(at("a.crt"), "utf8");
  const again = await cert(...words);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /a\.crt: it is there already/);
  rmSync(at("a.crt"));
  assert.equal((await cert(...words)).status, 1);
  assert.deepEqual(readdirSync(folder), ["a.key"], "half of it there is enough to refuse");
  await made(...words, "--force");
  assert.notEqual(readFileSync(at("a.crt"), "utf8"), first);
});

test("when one file cannot be written, none is left", async () => {
  const words = [
    "client",
    "--name",
    "a",
    "--dns",
    "a.example",
    ...ca,
    "--out-cert",
    at("a.crt"),
    "--out-key",
    at("none/a.key"),
  ];
  assert.equal((await cert(...words)).status, 1);
  assert.deepEqual(readdirSync(folder), []);
});

test("a CA's key that others may read is refused, with what to do", async () => {
  writeFileSync(at("open.key"), readFileSync(`${shared}.key`));
  chmodSync(at("open.key"), 0o644);
  const words = [
    "--name",
    "a",
    "--dns",
    "a.example",
    "--ca-cert",
    `${shared}.crt`,
    "--ca-key",
    at("open.key"),
    ...out("a"),
  ];
  const said = await cert("server", ...words);
  assert.equal(said.status, 1);
  assert.match(said.stderr, /mode 0644.*chmod 600/);
  chmodSync(at("open.key"), 0o600);
  await made("server", ...words);
});

test("what the command line lacks, or has wrong, is said before anything is made", async () => {
  const base = ["server", "--name", "a", ...ca, ...out("a")];
  for (const [words, said] of [
    [["server", "--name", "a"], /needs --ca-cert FILE/],
    [base, /at least one of --dns, --ip and --uri/],
    [[...base, "--dns", "*.example"], /--dns cannot be "\*\.example"/],
    [[...base, "--ip", "192.0.2"], /--ip cannot be/],
    [[...base, "--uri", "urn:ropewalk:kem:x"], /--uri cannot be/],
    [[...base, "--dns", "a.example", "--days", "0"], /--days cannot be "0"/],
    [[...base, "--dns", "a.example", "--days", "1e3"], /--days cannot be/],
    [["ca", "--name", "a\u001b[2J", ...out("a")], /--name cannot be/],
    [["ca", "--name", "a", "--ca-cert", "x", ...out("a")], /takes both/],
    [["ca", "--name", "a", "--algorithm", "rsa", ...out("a")], /one of: ml-dsa-65, p-256, ed25519/],
  ] as const) {
    const { status, stderr } = await cert(...words);
    assert.equal(status, 2, stderr);
    assert.match(stderr, said);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("a file that is not there ends with 7, one that is something else with 1", async () => {
  assert.equal((await cert("show", at("none"))).status, 7);
  assert.equal((await cert("verify", at("none"), "--ca", `${shared}.crt`)).status, 7);
  writeFileSync(at("junk"), "junk");
  const junk = await cert("show", at("junk"));
  assert.deepEqual([junk.status, junk.stderr.includes(at("junk"))], [1, true]);
  assert.match((await cert("verify", `${shared}.crt`, "--ca", at("junk"))).stderr, /neither PEM nor DER/);
});

test("a certificate ends no later than its CA", async () => {
  await made("ca", "--name", "short", "--days", "10", "--algorithm", "ed25519", ...out("ca"));
  const own = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  const { made: facts } = await json("server", "--name", "a", "--dns", "a.example", ...own, ...out("a"));
  assert.equal(facts.notAfter, new Date(now + 10 * day).toISOString().replace(".000", ""));
});

test("a CA that has ended, or whose key is another's, issues nothing", async () => {
  const words = ["server", "--name", "a", "--dns", "a.example", ...ca, ...out("a")];
  const late = await typed(["cert", ...words], now + 4_000 * day);
  assert.deepEqual([late.status, /the clock here says 2037/.test(late.stderr)], [1, true], late.stderr);
  await made("client", "--name", "b", "--dns", "b.example", ...ca, ...out("b"));
  const mixed = await cert(
    "server",
    "--name",
    "a",
    "--dns",
    "a.example",
    "--ca-cert",
    `${shared}.crt`,
    "--ca-key",
    at("b.key"),
    ...out("a"),
  );
  assert.match(mixed.stderr, /key that was given is another one's/);
  const leaf = await cert(
    "server",
    "--name",
    "a",
    "--dns",
    "a.example",
    "--ca-cert",
    at("b.crt"),
    "--ca-key",
    at("b.key"),
    ...out("a"),
  );
  assert.match(leaf.stderr, /of one end, not of a CA/);
});

test("CAs stand below others as far as those allow, and a certificate brings what leads to the top", async () => {
  const key = ["--algorithm", "ed25519"];
  await made("ca", "--name", "top", "--path-length", "1", ...key, ...out("top"));
  const top = ["--ca-cert", at("top.crt"), "--ca-key", at("top.key")];
  await made("ca", "--name", "below", ...top, ...out("below"));
  const below = ["--ca-cert", at("below.crt"), "--ca-key", at("below.key")];
  await made("server", "--name", "a", "--dns", "a.example", ...below, ...out("a"));
  const { chain } = await json("verify", at("a.crt"), "--ca", at("top.crt"), "--role", "server");
  assert.deepEqual(
    chain.map(({ subject }: { subject: string }) => subject),
    ["CN=a", "CN=below", "CN=top"],
  );
  assert.equal((await cert("ca", "--name", "x", ...below, ...out("x"))).status, 1);
  assert.equal((await cert("ca", "--name", "x", "--path-length", "1", ...top, ...out("x"))).status, 1);
});

test("whoever signs a request decides its names; what it asks for is taken over only when told", async () => {
  const request = ["--name", "boat", "--dns", "boat.example", "--uri", "urn:boat"];
  await made("csr", ...request, "--out-csr", at("boat.csr"), "--out-key", at("boat.key"), "--algorithm", "ed25519");
  const sign = ["sign", at("boat.csr"), "--role", "client", ...ca, "--out-cert"];
  const none = await cert(...sign, at("none.crt"));
  assert.equal(none.status, 2);
  assert.match(none.stderr, /--copy-names takes over what the request asks for: boat\.example, urn:boat/);
  const own = await json(...sign, at("own.crt"), "--name", "ours", "--dns", "other.example");
  assert.deepEqual([own.made.subject, own.made.names.dns, own.made.names.uri], ["CN=ours", ["other.example"], []]);
  const copied = await json(...sign, at("copied.crt"), "--copy-names", "--ip", "::1");
  assert.deepEqual([copied.made.names.dns, copied.made.names.ip], [["boat.example"], ["::1"]]);
  assert.equal(copied.made.extendedKeyUsages[0], "clientAuth");
});

test("a revoked certificate is refused from the next list on; lists are counted and keep what they had", async () => {
  for (const name of ["a", "b"]) await made("client", "--name", name, "--dns", `${name}.example`, ...ca, ...out(name));
  const list = ["crl", ...ca, "--crl", at("ca.crl")];
  const verify = (name: string, when = now) =>
    typed(["cert", "verify", at(`${name}.crt`), "--ca", `${shared}.crt`, "--crl", at("ca.crl")], when);
  await made(...list);
  assert.equal((await verify("a")).status, 0);
  await made(...list, "--revoke", at("a.crt"));
  assert.match((await verify("a")).stderr, /\(revoked\)/);
  assert.equal((await verify("b")).status, 0);
  const serial = (await json("show", at("b.crt"))).contents[0].serial;
  const third = await json(...list, "--revoke", serial.toUpperCase(), "--revoke", at("a.crt"));
  assert.equal(third.made.number, "3");
  assert.equal(third.made.revoked.length, 2);
  assert.match((await verify("b", now + 31 * day)).stderr, /\(revoked\)/);
  await made(...list);
  assert.match((await verify("b")).stderr, /\(revoked\)/, "what was revoked stays so");
});

test("an ended list refuses those who are on none", async () => {
  await made("client", "--name", "a", "--dns", "a.example", ...ca, ...out("a"));
  await made("crl", ...ca, "--crl", at("ca.crl"), "--days", "1");
  const late = await typed(
    ["cert", "verify", at("a.crt"), "--ca", `${shared}.crt`, "--crl", at("ca.crl")],
    now + 2 * day,
  );
  assert.deepEqual([late.status, /\(crl-expired\)/.test(late.stderr)], [9, true]);
});

test("a list of another CA is not overwritten, and another CA's certificate is not revoked", async () => {
  await made("ca", "--name", "other", "--algorithm", "ed25519", ...out("other"));
  const other = ["--ca-cert", at("other.crt"), "--ca-key", at("other.key")];
  await made("crl", ...other, "--crl", at("other.crl"));
  const before = readFileSync(at("other.crl"), "utf8");
  assert.match((await cert("crl", ...ca, "--crl", at("other.crl"))).stderr, /no revocation list of CN=test CA/);
  assert.equal(readFileSync(at("other.crl"), "utf8"), before);
  await made("client", "--name", "a", "--dns", "a.example", ...ca, ...out("a"));
  assert.match(
    (await cert("crl", ...other, "--crl", at("other.crl"), "--revoke", at("a.crt"))).stderr,
    /its CA is CN=test CA/,
  );
  assert.equal((await cert("crl", ...ca, "--crl", at("x.crl"), "--revoke", "nothing")).status, 7);
});

test("for the web, keys are of the kind that browsers know, and so is what such a CA issues", async () => {
  const web = await json("ca", "--name", "web", "--for", "web", ...out("ca"));
  assert.equal(web.made.keyAlgorithm, "p-256");
  const own = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  const server = await json("server", "--name", "a", "--dns", "a.example", ...own, ...out("a"));
  assert.deepEqual([server.made.keyAlgorithm, server.made.signatureAlgorithm], ["p-256", "p-256"]);
});

test("a file tells when it is to be renewed, and that it should have been", async () => {
  await made("client", "--name", "a", "--dns", "a.example", "--days", "90", ...ca, ...out("a"));
  const show = async (when: number) => (await typed(["cert", "show", at("a.crt")], when)).stdout;
  assert.match(await show(now), /; renew by 2027-01-2/);
  assert.match(await show(now + 61 * day), /; renew it NOW/);
  assert.match(await show(now + 91 * day), /; it has EXPIRED/);
});

test("a name in a certificate cannot move the cursor of whoever looks at it", async () => {
  const said = await made("client", "--name", "Klinik Süd", "--dns", "a.example", ...ca, ...out("a"));
  assert.match(said.stdout, /CN=Klinik Süd/);
  assert.doesNotMatch(said.stdout.replaceAll("\n", ""), /\p{Cc}/u);
});
