import assert from "node:assert/strict";
import { test } from "node:test";
import { majorVersion, serverArguments } from "@ropewalk/entry/pure/server-settings";

const places = { data: "/d", sockets: '/a "b", c', rules: "/r", owners: "/o" };

test("the server listens on no port, and its socket is its owner's alone", () => {
  const words = serverArguments(15, places);
  assert.ok(words.includes("listen_addresses="));
  assert.ok(words.includes("unix_socket_permissions=0700"));
  assert.ok(words.includes('unix_socket_directories="/a ""b"", c"'));
});

test("what was committed is on the disk", () => {
  for (const name of ["fsync", "full_page_writes", "synchronous_commit"])
    assert.ok(serverArguments(18, places).includes(`${name}=on`));
});

test("a version gets the settings that it knows", () => {
  assert.ok(!serverArguments(15, places).some((word) => word.startsWith("io_method")));
  assert.ok(serverArguments(18, places).includes("io_method=sync"));
});

test("what a program says of its version is understood, and what another says is not", () => {
  assert.equal(majorVersion("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), 15);
  assert.equal(majorVersion("postgres (PostgreSQL) 18beta1"), 18);
  assert.equal(majorVersion("postgres (EnterpriseDB) 15.1"), undefined);
  assert.equal(majorVersion(""), undefined);
});
