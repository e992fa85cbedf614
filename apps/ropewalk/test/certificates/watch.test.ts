/** A node that watches its certificates: what it logs, reports and measures, and what doctor says of the same files. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { type NamedFiles, readCertificateFiles } from "@ropewalk/tunnel/io/certificate-files";
import { registerCertificateMetrics } from "../../src/compose/certificate-metrics.ts";
import { CertificateWatch } from "../../src/compose/certificate-watch.ts";
import { certificateFindings } from "../../src/doctor/certificates.ts";
import { typed } from "./typed.ts";

const day = 86_400_000;
const hour = 3_600_000;
const start = Date.UTC(2026, 10, 22);
const root = mkdtempSync(join(tmpdir(), "ropewalk-watch-"));
after(() => rmSync(root, { recursive: true }));
const at = (name: string) => join(root, name);
const ca = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
const named: NamedFiles = {
  ...{ certificate: at("site.crt"), authorities: [at("ca.crt")], revocationLists: [at("ca.crl")] },
};

async function cert(wall: number, ...words: readonly string[]): Promise<void> {
  const { status, stderr } = await typed(["cert", ...words], wall);
  assert.equal(status, 0, stderr);
}

const site = ["--name", "site a", "--uri", "urn:site:a", "--dns", "site.example", ...ca, "--force"];
const issueSite = (wall: number, days: string) =>
  cert(wall, "client", ...site, "--out-cert", at("site.crt"), "--out-key", at("site.key"), "--days", days);

let authority: Buffer;
before(async () => {
  await cert(start, "ca", "--name", "CA", "--out-cert", at("ca.crt"), "--out-key", at("ca.key"));
  authority = readFileSync(at("ca.crt"));
});
beforeEach(async () => {
  writeFileSync(at("ca.crt"), authority);
  await issueSite(start, "90");
  rmSync(at("ca.crl"), { force: true });
  await cert(start, "crl", ...ca, "--crl", at("ca.crl"), "--days", "400");
});

/** A watch over the files, on a clock of its own. */
async function watching(files: NamedFiles = named) {
  const clock = new FakeClock(start);
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const health = new HealthRegistry({ clock });
  const metrics = createMetrics();
  const watch = new CertificateWatch({
    of: "tunnel",
    clock,
    health,
    log: createLog({ level: "info", format: "json", destination, clock }),
  });
  registerCertificateMetrics(metrics, () => watch.expiring);
  await watch.use(files);
  return {
    watch,
    clock,
    health: () => health.snapshot().subsystems.map(({ state, reason }) => `${state}: ${reason}`),
    /** Since it was last asked. */
    logged: () => lines.splice(0),
    page: async () => (await metrics.render()).body.split("\n").filter((line) => line.startsWith("ropewalk_tunnel_")),
    /** Two looks: files that have changed are read at the second. */
    look: () => clock.advance(seconds(20)),
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

test("when a certificate is due it is logged once, and once again when it has expired, which health and status then say", async () => {
  using node = await watching();
  node.look();
  assert.deepEqual([node.logged(), node.health()], [[], ["healthy: null"]]);
  node.clock.jumpWall(61 * day);
  for (let looks = 0; looks < 3; looks += 1) node.look();
  const [due, ...more] = node.logged();
  assert.deepEqual([due?.["level"], due?.["certificate"], due?.["of"], more], ["warn", "own", "CN=site a", []]);
  assert.match(String(due?.["message"] ?? due?.["msg"]), /is to be renewed/);
  assert.deepEqual(node.health(), ["healthy: null"]);
  node.clock.jumpWall(30 * day);
  for (let looks = 0; looks < 3; looks += 1) node.look();
  assert.equal(node.logged().length, 1);
  assert.match(node.health()[0] ?? "", /^degraded: .*site\.crt \(CN=site a\) was good until 2027-02-20/);
});

test("what runs out first of each kind is measured, with when it is to be renewed", async () => {
  using node = await watching();
  const ends = (what: string, wall: number) => `{certificate="${what}"} ${wall / 1000}`;
  const page = await node.page();
  const expiry = page.filter((line) => line.includes("_expiry_"));
  assert.deepEqual(expiry.map((line) => line.replace(/^\w+/, "")).slice(0, 1), [ends("own", start + 90 * day)]);
  assert.deepEqual(expiry.map((line) => /"(\w+)"/.exec(line)?.[1]).toSorted(), ["authority", "own", "revocation_list"]);
  const renewal = page.find((line) => line.includes('_renewal_timestamp_seconds{certificate="own"}'));
  assert.equal(renewal?.split(" ")[1], String((start + 90 * day - (90 * day + hour) / 3) / 1000));
});

test("a renewed certificate is read when its file has changed, and nothing is amiss any more", async () => {
  using node = await watching();
  node.clock.jumpWall(91 * day);
  node.look();
  assert.match(node.health()[0] ?? "", /^degraded/);
  await issueSite(start + 91 * day, "30");
  node.look();
  assert.deepEqual(node.health(), ["healthy: null"]);
  assert.match((await node.page()).join("\n"), new RegExp(`expiry.*"own"} ${(start + 121 * day) / 1000}$`, "m"));
});

test("a file that cannot be read is told once and by its name; what it held counts on until it can be read again", async () => {
  using node = await watching();
  const before = await node.page();
  rmSync(at("ca.crt"));
  writeFileSync(at("site.crt"), "no certificate");
  for (let looks = 0; looks < 3; looks += 1) node.look();
  assert.deepEqual(
    node.logged().map(({ level, path }) => [level, path]),
    [
      ["warn", at("site.crt")],
      ["warn", at("ca.crt")],
    ],
  );
  assert.match(node.health()[0] ?? "", /^degraded: .*site\.crt: /);
  assert.deepEqual(await node.page(), before);
  writeFileSync(at("site.crt"), "nor is this one");
  node.look();
  assert.deepEqual(node.logged(), [], "nothing new");
  writeFileSync(at("ca.crt"), authority);
  await issueSite(start, "90");
  node.look();
  assert.deepEqual(
    node.logged().map(({ level }) => level),
    ["info", "info"],
  );
  assert.deepEqual(node.health(), ["healthy: null"]);
});

test("files that are being written are not read before they have stayed the same", async () => {
  using node = await watching();
  node.look();
  writeFileSync(at("site.crt"), "");
  node.clock.advance(seconds(10));
  await issueSite(start, "90");
  node.look();
  assert.deepEqual(node.logged(), []);
});

test("of several CAs the first to end is measured", async () => {
  await cert(start, "server", ...site, "--out-cert", at("hub.crt"), "--out-key", at("hub.key"), "--days", "10");
  using node = await watching({ ...named, authorities: [at("hub.crt"), at("ca.crt")] });
  assert.match((await node.page()).join("\n"), new RegExp(`expiry.*"authority"} ${(start + 10 * day) / 1000}$`, "m"));
});

test("a reload reads at once what is there, and another configuration has other files watched, or none", async () => {
  using node = await watching();
  await cert(start, "server", ...site, "--out-cert", at("hub.crt"), "--out-key", at("hub.key"), "--days", "10");
  await node.watch.use({ ...named, certificate: at("hub.crt") });
  assert.match((await node.page()).join("\n"), new RegExp(`expiry.*"own"} ${(start + 10 * day) / 1000}$`, "m"));
  await node.watch.use({ ...named, certificate: undefined });
  assert.deepEqual([await node.page(), node.health(), node.clock.pendingTimers()], [[], [], []]);
});

test("without a certificate nothing is watched, measured or reported, and nothing is said by doctor", async () => {
  const none = { ...named, certificate: undefined };
  using node = await watching(none);
  assert.deepEqual([await node.page(), node.health(), node.clock.pendingTimers()], [[], [], []]);
  assert.deepEqual(doctor(start, none), []);
});

function doctor(now: number, files: NamedFiles = named) {
  return certificateFindings(readCertificateFiles(files), { key: at("site.key"), kemKey: undefined }, now);
}

test("doctor says until when each is good, and what to type when it is due", async () => {
  assert.deepEqual(
    doctor(start).map(({ name, state }) => [name, state]),
    [
      ["own certificate", "good"],
      ["CA", "good"],
      ["revocation list", "good"],
    ],
  );
  const [own] = doctor(start + 61 * day);
  assert.match(own?.text ?? "", /^CN=site a, .*site\.crt, good until 2027-02-20T00:00:00Z$/);
  assert.equal(own?.state, "lack");
  const command = /ropewalk (cert client .*--force);/.exec(own?.cure ?? "")?.[1] ?? "";
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const placed = words.map((word) => (word === "ca.crt" || word === "ca.key" ? at(word) : word));
  await cert(start + 61 * day, ...placed.slice(1));
  assert.equal(doctor(start + 61 * day)[0]?.state, "good", "what it says to type renews it");
  const ended = doctor(start + 5000 * day);
  assert.deepEqual(
    ended.map(({ state }) => state),
    ["lack", "lack", "lack"],
  );
  assert.match(ended[2]?.cure ?? "", /ropewalk cert crl .*ca\.crl/);
});

test("doctor names a file that cannot be read, and a clock that is behind", () => {
  const [behind] = doctor(start - 365 * day);
  assert.match(`${behind?.text} ${behind?.cure}`, /good only from .* set the clock, which says 2025-11-22/);
  const findings = doctor(start, { ...named, authorities: ["/nonexistent/ca.crt"] });
  const unread = findings.find(({ state }) => state === "lack");
  assert.match(unread?.text ?? "", /^\/nonexistent\/ca\.crt: .*no such file/);
});
