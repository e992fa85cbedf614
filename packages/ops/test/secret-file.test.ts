/** Files of secrets: private, whole, never lost by accident, and not read where others might have read them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { largestKeyFile, readPublicFile, readSecretFile, writeSecretFile } from "@ropewalk/ops/secret-file";
import { writeFilesTogether } from "@ropewalk/ops/written-files";

const root = mkdtempSync(join(tmpdir(), "ropewalk-secret-"));
after(() => rmSync(root, { recursive: true }));
let folder = root;
let path = root;
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
  path = join(folder, "node.key");
});

const octets = (text: string) => new TextEncoder().encode(text);
const refuse = { whenThere: "refuse" } as const;
const overwrite = { whenThere: "overwrite" } as const;

test("a secret that was written is read again, and is for its owner alone", () => {
  writeSecretFile(path, octets("hunter2"), refuse);
  assert.deepEqual(readSecretFile(path), octets("hunter2"));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ["node.key"], "nothing else is left");
});

test("a secret that others may read or write is refused, with the command that cures it", () => {
  writeSecretFile(path, octets("hunter2"), refuse);
  for (const bit of [0o040, 0o020, 0o004, 0o002, 0o010, 0o001]) {
    chmodSync(path, 0o600 | bit);
    assert.throws(() => readSecretFile(path), { code: "OPS_FILE_EXPOSED", message: new RegExp(`chmod 600 ${path}`) });
  }
  chmodSync(path, 0o400);
  assert.deepEqual(readSecretFile(path), octets("hunter2"));
});

test("the cure can be typed as it stands, whatever the file is called", () => {
  const odd = join(folder, "it's mine.key");
  writeFileSync(odd, "x", { mode: 0o644 });
  const message = (() => {
    try {
      readSecretFile(odd);
      return "";
    } catch (error) {
      return String(error);
    }
  })();
  const command = /chmod .*?(?=, and make)/.exec(message)?.[0] ?? "";
  execFileSync("sh", ["-c", command]);
  assert.deepEqual(readSecretFile(odd), octets("x"));
});

test("what is no file of its kind is named: absent, empty, too large, a folder, a pipe", () => {
  assert.throws(() => readSecretFile(path), { code: "OPS_FILE_MISSING" });
  assert.throws(() => readSecretFile(join(path, "below")), { code: "OPS_FILE_MISSING" });
  assert.throws(() => readSecretFile(folder), { code: "OPS_FILE_NOT_REGULAR" });
  writeFileSync(path, "", { mode: 0o600 });
  assert.throws(() => readSecretFile(path), { code: "OPS_FILE_EMPTY" });
  writeFileSync(path, new Uint8Array(9));
  assert.equal(readSecretFile(path, 9).length, 9);
  assert.throws(() => readSecretFile(path, 8), { code: "OPS_FILE_TOO_LARGE" });
  assert.throws(() => readPublicFile("/dev/zero"), { code: "OPS_FILE_NOT_REGULAR" });
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  assert.throws(() => readSecretFile(pipe), { code: "OPS_FILE_NOT_REGULAR" });
  // It tells no size, and has some all the same.
  assert.throws(() => readPublicFile("/proc/cpuinfo", 16), { code: "OPS_FILE_TOO_LARGE" });
  assert.ok(largestKeyFile > 800_000, "a McEliece key fits");
});

test("what is no secret may be read by everyone", () => {
  writeFileSync(path, "certificate", { mode: 0o644 });
  assert.deepEqual(readPublicFile(path), octets("certificate"));
});

test("what is there is not overwritten, unless that was asked for", () => {
  writeSecretFile(path, octets("first"), refuse);
  assert.throws(() => writeSecretFile(path, octets("second"), refuse), { code: "OPS_FILE_EXISTS", message: /--force/ });
  assert.deepEqual(readSecretFile(path), octets("first"));
  chmodSync(path, 0o644);
  writeSecretFile(path, octets("second"), overwrite);
  assert.deepEqual(readSecretFile(path), octets("second"), "and the new one has its own mode");
  assert.deepEqual(readdirSync(folder), ["node.key"]);
});

test("a link, a folder or a device is never written to, nor replaced", () => {
  const target = join(folder, "target");
  writeFileSync(target, "kept");
  symlinkSync(target, path);
  for (const place of [path, folder, "/dev/null"]) {
    assert.throws(() => writeSecretFile(place, octets("x"), overwrite), { code: "OPS_FILE_NOT_REGULAR" });
  }
  assert.equal(readFileSync(target, "utf8"), "kept");
});

test("a folder that is absent, or that cannot be written, is told", () => {
  assert.throws(() => writeSecretFile(join(folder, "none", "a.key"), octets("x"), refuse), {
    code: "OPS_FILE_UNWRITABLE",
  });
  assert.throws(() => writeSecretFile("/proc/a.key", octets("x"), refuse), { code: "OPS_FILE_UNWRITABLE" });
});

test("of several files all are written or none, and what was there before is there again", () => {
  const good = [join(folder, "a.crt"), join(folder, "a.key")];
  const all = (contents: string) => good.map((each) => ({ path: each, octets: octets(contents), mode: 0o600 }));
  const impossible = { path: join(folder, "none", "kem.key"), octets: octets("x"), mode: 0o600 };
  assert.throws(() => writeFilesTogether([...all("x"), impossible], refuse), { code: "OPS_FILE_UNWRITABLE" });
  assert.deepEqual(readdirSync(folder), []);
  writeFilesTogether(all("old"), refuse);
  assert.throws(() => writeFilesTogether([...all("new"), impossible], overwrite), { code: "OPS_FILE_UNWRITABLE" });
  for (const each of good) assert.equal(readFileSync(each, "utf8"), "old");
  assert.deepEqual(readdirSync(folder).toSorted(), ["a.crt", "a.key"]);
});

test("a file that cannot take its place takes those back that have, new and replaced ones", () => {
  const [first, second, third] = ["first", "second", "third"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(first, "old");
  // Appears after the look at what is there: a folder, which no file can replace.
  const racing = {
    path: third,
    octets: octets("new"),
    get mode() {
      mkdirSync(third);
      return 0o600;
    },
  };
  const files = [first, second].map((each) => ({ path: each, octets: octets("new"), mode: 0o600 }));
  assert.throws(() => writeFilesTogether([...files, racing], overwrite), { code: "OPS_FILE_UNWRITABLE" });
  assert.equal(readFileSync(first, "utf8"), "old");
  assert.deepEqual(readdirSync(folder).toSorted(), ["first", "third"]);
});

test("one file is not written twice", () => {
  const twice = [path, join(folder, ".", "node.key")].map((each) => ({ path: each, octets: octets("x"), mode: 0o600 }));
  assert.throws(() => writeFilesTogether(twice, overwrite), { code: "OPS_FILE_EXISTS" });
  assert.deepEqual(readdirSync(folder), []);
});
