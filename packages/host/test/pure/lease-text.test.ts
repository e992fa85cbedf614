/** What is made of a lease as our script writes it down, and of what a server could put into it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLease } from "@ropewalk/host/lease-text";
import fc from "fast-check";

/** As the script wrote it of a real server; the tests change a line. */
const written: Readonly<Record<string, string>> = {
  client: "4711",
  address: "198.18.8.2/24",
  resolvers: "192.0.2.53 198.51.100.53",
  routers: "198.18.8.1",
  routes: "",
  vendor: "",
};

function read(changes: Readonly<Record<string, string>> = {}) {
  const lines = Object.entries({ ...written, ...changes }).map(([key, value]) => `${key}=${value}\n`);
  return parseLease(lines.join(""));
}

test("a lease has its address with the prefix, its resolvers, and its first router as the way out", () => {
  assert.deepEqual(read({ routers: "198.18.8.1 198.18.8.9" }), {
    address: { address: "198.18.8.2", length: 24 },
    resolvers: ["192.0.2.53", "198.51.100.53"],
    wayOut: { gateway: "198.18.8.1" },
    vendor: "",
    client: 4711,
  });
});

test("where there are classless routes the router does not count, and without a default among them there is no way out", () => {
  const way = (routes: string) => read({ routes })?.wayOut;
  assert.deepEqual(way("10.0.0.0/8 198.18.8.7 0.0.0.0/0 198.18.8.9"), { gateway: "198.18.8.9" });
  assert.deepEqual(way("0.0.0.0/0 0.0.0.0"), { gateway: undefined }, "everybody is on the link");
  for (const none of ["10.0.0.0/8 198.18.8.7", "0.0.0.0/0", "0.0.0.0/0 nonsense", "0.0.0.0/0 127.0.0.1"]) {
    assert.equal(way(none), undefined, none);
  }
});

test("addresses that no machine may have are none: not as its own, nor as a router or resolver", () => {
  for (const address of ["127.0.0.5", "0.1.2.3", "224.0.0.1", "255.255.255.255", "2001:db8::2"]) {
    assert.equal(read({ address: `${address}/24` }), undefined, address);
    const { resolvers, wayOut } = read({ resolvers: address, routers: address }) ?? {};
    assert.deepEqual([resolvers, wayOut], [[], undefined], address);
  }
});

test("who got it is a process, or nobody who can be named", () => {
  for (const client of ["", "0", "-1", "4711x", "99999999999"])
    assert.equal(read({ client })?.client, undefined, client);
});

test("a text that is not wholly understood is no lease", () => {
  for (const changes of [
    { address: "" },
    { address: "198.18.8.2" },
    { address: "198.18.8.2/33" },
    { resolvers: "192.0.2.53\naddress=10.0.0.1/8" },
    { resolvers: "192.0.2.53\n; reboot" },
    { vendor: "a".repeat(20_000) },
  ]) {
    assert.equal(read(changes), undefined, JSON.stringify(changes).slice(0, 80));
  }
});

test("no text makes it throw, and every address that comes out is sound", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "address=198.18.8.2/24",
      "routes=0.0.0.0/0 0.0.0.0",
      "routers=127.0.0.1 198.18.8.1",
      "resolvers=::1",
    ),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const lease = parseLease(lines.join("\n"));
      for (const address of [...(lease?.resolvers ?? []), lease?.wayOut?.gateway ?? "198.18.8.1"]) {
        assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
        assert.doesNotMatch(address, /^(0|127)\./);
      }
    }),
  );
});
