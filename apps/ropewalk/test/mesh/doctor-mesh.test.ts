/** What `ropewalk doctor` says of a mesh before the node is started. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meshConfig } from "@ropewalk/mesh/config";
import { MeshError } from "@ropewalk/mesh/errors";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { type MeshFiles, meshFindings } from "../../src/doctor/mesh.ts";

const limits = { descriptors: 1024, firstFreePort: 1024, mayBindAnyPort: false };
const publicKey = new Uint8Array(32);
const address = addressOfKey(publicKey);
const there: MeshFiles = {
  exists: () => true,
  identity: () => ({ address, publicKey, isSealed: false }),
  beginning: () => [],
};

function found(table: Readonly<Record<string, unknown>>, files: Partial<MeshFiles> = {}, more = {}) {
  return meshFindings(meshConfig(table), "/state", { ...there, ...files }, { ...limits, ...more });
}

test("of a machine without a mesh nothing is said", () => {
  assert.deepEqual(meshFindings(undefined, "/state", there, limits), []);
});

test("who the node is, is told; and that the first start will decide it, where nothing has yet", () => {
  const [good] = found({});
  assert.deepEqual([good?.state, good?.text], ["good", `this node is ${address}, by /state/mesh/identity.pem`]);
  const [note] = found({}, { exists: () => false });
  assert.deepEqual(
    [note?.state, note?.text],
    ["note", "/state/mesh/identity.pem is not there; the first start makes it"],
  );
});

test("a key that cannot be used, or opened, is a lack", () => {
  const identity = () => {
    throw new MeshError("MESH_IDENTITY", "/named.pem: others may read it");
  };
  const [broken] = found({ identity: { file: "/named.pem" } }, { exists: () => false, identity });
  assert.deepEqual([broken?.state, broken?.text], ["lack", "/named.pem: others may read it"]);
  const sealed = { identity: () => ({ address, publicKey, isSealed: true }) };
  assert.match(found({}, sealed)[0]?.text ?? "", /is sealed with a passphrase, and none is given/);
  assert.equal(found({ identity: { passphrase_file: "/secret" } }, sealed)[0]?.state, "good");
});

test("a port for the privileged is a lack for who is not, and discovery that nobody hears is worth knowing", () => {
  const low = { transport: { listen: ["0.0.0.0:443"] } };
  assert.deepEqual(
    found(low).map(({ name }) => name),
    ["identity", "low ports"],
  );
  assert.deepEqual(
    found(low, {}, { mayBindAnyPort: true }).map(({ name }) => name),
    ["identity"],
  );
  const own = { transport: { listen: ["127.0.0.1:0"] } };
  assert.deepEqual(
    found(own).map(({ name }) => name),
    ["identity", "discovery"],
  );
  assert.deepEqual(
    found({ ...own, discovery: { enabled: false } }).map(({ name }) => name),
    ["identity"],
  );
});

test("a store that was damaged is told by the newest file that was put aside, and one that is off by its key", () => {
  const asides = ["messages.corrupt-2026-11-22", "messages.corrupt-2026-11-22-wal", "messages.corrupt-2026-10-01"];
  const beginning = (folder: string, name: string) => (folder === "/state/mesh" ? asides : [name]);
  const [, told, ...others] = found({}, { beginning });
  assert.deepEqual([told?.state, others], ["note", []]);
  assert.match(told?.text ?? "", /as it is in \/state\/mesh\/messages\.corrupt-2026-11-22;/);
  assert.match(found({ store: { enabled: false } }, { beginning })[1]?.text ?? "", /mesh\.store\.enabled is false/);
});
