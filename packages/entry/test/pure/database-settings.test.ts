import assert from "node:assert/strict";
import { test } from "node:test";
import { type DatabaseSettings, parseDatabaseUrl } from "@ropewalk/entry/pure/database-settings";
import fc from "fast-check";

function settings(url: string): DatabaseSettings {
  const read = parseDatabaseUrl(url);
  assert.equal(read.kind, "settings", JSON.stringify(read));
  return (read as { settings: DatabaseSettings }).settings;
}

function fault(url: string): string {
  const read = parseDatabaseUrl(url);
  assert.equal(read.kind, "fault");
  return (read as { reason: string }).reason;
}

test("an address says host, port, name, user and password", () => {
  const read = settings("postgresql://ada:p%40ss:word@db.example:6432/vpn");
  assert.deepEqual([read.host, read.port, read.database, read.user], ["db.example", 6432, "vpn", "ada"]);
  assert.equal(read.password?.reveal(), "p@ss:word");
});

test("what is not said is as PostgreSQL's own programs have it", () => {
  const { host, port, database, password } = settings("postgres://ada@");
  assert.deepEqual([host, port, database, password], ["localhost", 5432, "ada", undefined]);
});

test("a folder of sockets is a host, in both places where it may stand", () => {
  assert.equal(settings("postgres://ada@%2Frun%2Fpostgresql/vpn").host, "/run/postgresql");
  assert.equal(settings("postgres:///vpn?host=/run/postgresql&user=ada").host, "/run/postgresql");
  assert.equal(settings("postgres://ada@[2001:db8::1]:5433/vpn").host, "2001:db8::1");
});

test("on the way to another machine the server must prove who it is, unless the address says less", () => {
  assert.equal(settings("postgres://ada@db.example").tls.mode, "verify-full");
  assert.equal(settings("postgres://ada@localhost").tls.mode, "disable");
  assert.equal(settings("postgres://ada@127.0.0.1").tls.mode, "disable");
  assert.equal(settings("postgres://ada@db.example?sslmode=require").tls.mode, "require");
  const { tls } = settings("postgres://ada@db.example?sslrootcert=/a.pem&sslcert=/b.pem&sslkey=/c.pem");
  assert.deepEqual(tls, { mode: "verify-full", authorities: "/a.pem", certificate: "/b.pem", key: "/c.pem" });
});

test("what may end without encryption, is said twice, or is not understood, is refused with the reason", () => {
  assert.match(fault("postgres://ada@db.example?sslmode=prefer"), /sslmode is none of disable, require, verify-ca/);
  assert.match(fault("postgres://ada@one?host=two"), /host twice/);
  assert.match(fault("postgres://ada@one,two/vpn"), /several hosts/);
  assert.match(fault("postgres://ada@one/vpn?sslkey=/k"), /certificate needs its key/);
  assert.match(fault("postgres://ada@one/vpn?target_session_attrs=any"), /a parameter that is none of/);
  assert.match(fault("postgres://one/vpn"), /names no user/);
  assert.match(fault("postgres://ada@one:99999/vpn"), /port is no number/);
  assert.match(fault("postgres://ada@one:/%zz"), /followed by two hexadecimal digits/);
  assert.match(fault("mysql://ada@one/vpn"), /no address of a database/);
});

test("no reason shows a part of what was given", () => {
  const secret = "hunter2hunter2";
  const given = [
    `${secret}`,
    `postgres://a:${secret}@h,i/`,
    `postgres://a:${secret}@h/?${secret}=1`,
    `postgres://a:${secret}%@h/`,
  ];
  for (const url of given) assert.doesNotMatch(fault(url), /hunter2/);
});

test("whatever is given is settings or a fault, and settings say again what was given", () => {
  const part = fc.string({ unit: fc.constantFrom(..."abz09:@/?#[]%&=,.-_~é\0 ".split("")), maxLength: 24 });
  fc.assert(
    fc.property(
      fc.oneof(
        part,
        part.map((rest) => `postgres://${rest}`),
        fc.string(),
      ),
      (url) => {
        const read = parseDatabaseUrl(url);
        if (read.kind === "fault") return assert.ok(read.reason.length > 0);
        const { host, port, user } = read.settings;
        assert.ok(host !== "" && user !== "" && port >= 1 && port <= 65_535);
      },
    ),
    { numRuns: 5_000 },
  );
  const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(word, word, word, fc.integer({ min: 1, max: 65_535 }), (user, password, database, port) => {
      const [one, two, three] = [user, password, database].map(encodeURIComponent);
      const read = settings(`postgres://${one}:${two}@db.example:${port}/${three}`);
      assert.deepEqual(
        [read.user, read.password?.reveal(), read.database, read.port],
        [user, password, database, port],
      );
    }),
    { numRuns: 2_000 },
  );
});
