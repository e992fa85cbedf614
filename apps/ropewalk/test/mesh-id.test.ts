/** `ropewalk mesh id`: what is made, shown and refused, with which exit code, and that no key is told. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { commands } from "../src/command-line/command-table.ts";
import { parseLine } from "../src/command-line/parse.ts";
import { type Said, typed } from "./certificates/typed.ts";

const root = mkdtempSync(join(tmpdir(), "ropewalk-mesh-id-"));
after(() => rmSync(root, { recursive: true }));
let folder = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});
const at = (name: string) => join(folder, name);

/** RFC 8032 §7.1, test 1. */
const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

async function done(...words: readonly string[]): Promise<Said> {
  const said = await typed(["mesh", "id", ...words]);
  assert.equal(said.status, 0, said.stderr);
  return said;
}

async function json(...words: readonly string[]) {
  return JSON.parse((await done(...words, "--json")).stdout);
}

function secret(name: string, text: string): string {
  writeFileSync(at(name), text, { mode: 0o600 });
  return at(name);
}

test("a new identity is its owner's alone, and is shown as it was told when it was made", async () => {
  const made = await json("new", "--out", at("mesh.key"));
  assert.match(made.address, /^[0-9a-f]{32}$/);
  assert.equal(statSync(at("mesh.key")).mode & 0o777, 0o600);
  assert.deepEqual(await json("show", at("mesh.key")), made);
  const { stdout } = await done("show", at("mesh.key"));
  assert.match(
    stdout,
    new RegExp(`^address +${made.address}\npublic key +${made.publicKey}\nfile +.*mesh\\.key, not sealed`),
  );
});

test("a seed becomes an identity, and nothing that is told holds it", async () => {
  const said = await done("import", secret("seed", seed), "--out", at("mesh.key"));
  const facts = await json("show", at("mesh.key"));
  assert.equal(facts.publicKey, publicKey);
  assert.ok(!(said.stdout + said.stderr).includes(seed.slice(0, 16)));
});

test("a sealed identity says whose it is, proves it with its passphrase, and is sealed anew with another", async () => {
  const first = secret("first", "one\n");
  const second = secret("second", "two\n");
  await done("import", secret("seed", seed), "--out", at("mesh.key"), "--passphrase-file", first);
  assert.match(readFileSync(at("mesh.key"), "utf8"), /^-----BEGIN ROPEWALK SEALED MESH IDENTITY-----/);
  const { isSealed, isProved, ...facts } = await json("show", at("mesh.key"));
  assert.deepEqual([isSealed, isProved, facts.publicKey], [true, false, publicKey]);
  assert.equal((await json("show", at("mesh.key"), "--passphrase-file", first)).isProved, true);
  const wrong = await typed(["mesh", "id", "show", at("mesh.key"), "--passphrase-file", second]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /another passphrase, or is damaged/);
  await done(
    "import",
    at("mesh.key"),
    "--old-passphrase-file",
    first,
    "--passphrase-file",
    second,
    "--out",
    at("again.key"),
  );
  assert.equal((await json("show", at("again.key"), "--passphrase-file", second)).publicKey, publicKey);
});

test("what cannot be is refused, each with its exit code, and leaves what is there", async () => {
  await done("new", "--out", at("mesh.key"));
  const before = readFileSync(at("mesh.key"), "utf8");
  const exposed = secret("exposed", seed);
  chmodSync(exposed, 0o644);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["new"], 2, /needs --out FILE/],
    [["new", "--out", at("mesh.key")], 1, /it is there already/],
    [["show", at("nothing")], 7, /no such file/],
    [["show", secret("text", "hello")], 1, /neither PEM nor DER/],
    [["import", exposed, "--out", at("other.key")], 1, /others than its owner may read it/],
    [["import", secret("seed", seed), "--out", at("other.key"), "--passphrase-file", at("nothing")], 7, /no such file/],
  ];
  for (const [words, status, message] of cases) {
    const said = await typed(["mesh", "id", ...words]);
    assert.equal(said.status, status, `${words.join(" ")}: ${said.stderr}`);
    assert.match(said.stderr, message);
  }
  assert.equal(readFileSync(at("mesh.key"), "utf8"), before);
  await done("new", "--out", at("mesh.key"), "--force");
  assert.notEqual(readFileSync(at("mesh.key"), "utf8"), before);
});

test("no passphrase and no key can be given on the command line, where others may see it", () => {
  for (const option of ["--passphrase", "--key", "--seed"]) {
    const line = parseLine(["mesh", "id", "new", "--out", "x", option, "secret"], commands);
    assert.equal(line.kind, "fault");
  }
});
