/** The file of an exit's private key: made once, read from then on, and refused where it is no secret or no key. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readOrMakeDeviceKey } from "@ropewalk/vpn/node/device-key";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-key-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test("the first start makes a key for its owner alone, and the next ones have the same", () => {
  using first = readOrMakeDeviceKey(at("new")).key;
  assert.equal(statSync(at("new")).mode & 0o777, 0o600);
  assert.match(readFileSync(at("new"), "utf8"), /^[A-Za-z0-9+/]{43}=\n$/);
  const again = readOrMakeDeviceKey(at("new"));
  assert.equal(again.isNew, false);
  assert.deepEqual(again.key.reveal(), first.reveal());
  const [head = 0, tail = 0] = [first.reveal()[0], first.reveal()[31]];
  assert.deepEqual([head & 7, tail & 128, tail & 64], [0, 0, 64], "as RFC 7748 §5 has it");
});

test("a key that others may read, one that is cut, and a folder that is not there are told", () => {
  writeFileSync(at("open"), "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n");
  chmodSync(at("open"), 0o644);
  assert.throws(() => readOrMakeDeviceKey(at("open")), { code: "OPS_FILE_EXPOSED" });
  chmodSync(at("open"), 0o600);
  assert.equal(readOrMakeDeviceKey(at("open")).key.length, 32);
  writeFileSync(at("cut"), "yAnz5TF+lXXJte14\n", { mode: 0o600 });
  assert.throws(() => readOrMakeDeviceKey(at("cut")), {
    code: "HOST_WIREGUARD_KEY",
    message: /cut holds no private key of WireGuard/,
  });
  assert.throws(() => readOrMakeDeviceKey(at("nowhere/key")), { code: "OPS_FILE_UNWRITABLE" });
});
