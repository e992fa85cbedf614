/** What `ropewalk doctor` says of a tunnel before it is started. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { tunnelSection } from "@ropewalk/tunnel/config";
import { readCertificateFiles } from "@ropewalk/tunnel/io/certificate-files";
import { readMachineLimits } from "../../src/doctor/machine-limits.ts";
import { tunnelFindings } from "../../src/doctor/tunnel.ts";
import { typed } from "../certificates/typed.ts";

const plenty = { descriptors: 65_536, firstFreePort: 1024, mayBindAnyPort: false };
const source = { destinations: ["hub.example:8443"], expose: [{ port: 5432 }] };
const identity = { certificate: "/end.crt", key: "/end.key", authorities: ["/ca.crt"], mode: "mlkem768" };

function namesOf(table: object, limits = plenty): readonly string[] {
  const config = tunnelSection.schema.parse(table);
  return tunnelFindings(config, [], limits)
    .filter(({ state }) => state === "lack")
    .map(({ name }) => name);
}

test("of a machine without a tunnel nothing is said, and of one with all that it needs no lack", () => {
  assert.deepEqual(tunnelFindings(tunnelSection.schema.parse({}), [], plenty), []);
  assert.deepEqual(namesOf({ ...identity, source }), []);
});

test("too few descriptors for as many streams as there may be are a lack", () => {
  assert.deepEqual(namesOf({ ...identity, source }, { ...plenty, descriptors: 1024 }), ["open files"]);
  assert.deepEqual(namesOf({ ...identity, source, max_streams: 500 }, { ...plenty, descriptors: 1024 }), []);
});

test("a port for the privileged is a lack for who is not, at either end", () => {
  const low = { ...source, expose: [{ port: 443 }] };
  assert.deepEqual(namesOf({ ...identity, source: low }), ["low ports"]);
  assert.deepEqual(namesOf({ ...identity, source: low }, { ...plenty, mayBindAnyPort: true }), []);
  assert.deepEqual(namesOf({ ...identity, source: low }, { ...plenty, firstFreePort: 80 }), []);
  assert.deepEqual(namesOf({ ...identity, destination: { listen: ["0.0.0.0:443"] } }), ["low ports"]);
});

test("what the configuration does not say of the identity is named", () => {
  const findings = tunnelFindings(tunnelSection.schema.parse({ source }), [], plenty);
  const [lack] = findings.filter(({ state }) => state === "lack");
  assert.equal(lack?.text, "[tunnel] does not say certificate, key, authorities, kem_key");
});

test("a certificate of the other role is a lack, with the command that makes the right one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  const at = (name: string) => join(folder, name);
  try {
    const ca = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
    await typed(["cert", "ca", "--name", "CA", "--out-cert", at("ca.crt"), "--out-key", at("ca.key")]);
    const made = ["--name", "hub", "--dns", "hub.example", "--out-cert", at("hub.crt"), "--out-key", at("hub.key")];
    const { status, stderr } = await typed(["cert", "server", ...ca, ...made]);
    assert.equal(status, 0, stderr);
    const own = { ...identity, certificate: at("hub.crt"), authorities: [at("ca.crt")] };
    const findingsOf = (table: object) => {
      const config = tunnelSection.schema.parse(table);
      return tunnelFindings(config, readCertificateFiles(config), plenty);
    };
    const asSource = findingsOf({ ...own, source }).find(({ name }) => name === "certificate of the source");
    assert.equal(asSource?.state, "lack");
    assert.match(asSource.cure ?? "", /ropewalk cert client/);
    const asDestination = findingsOf({ ...own, destination: {} });
    assert.deepEqual(
      asDestination.map(({ state }) => state),
      ["good", "good"],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the limits are read as the kernel writes them, and what is not there is not known", () => {
  const root = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  try {
    const unknown = { descriptors: undefined, firstFreePort: 1024, mayBindAnyPort: false };
    assert.deepEqual(readMachineLimits(root), unknown);
    for (const folder of ["proc/self", "proc/sys/net/ipv4"]) mkdirSync(join(root, folder), { recursive: true });
    const limits = "Limit                     Soft Limit           Hard Limit           Units     \n";
    writeFileSync(
      join(root, "proc/self/limits"),
      `${limits}Max open files            1024                 524288  files\n`,
    );
    writeFileSync(join(root, "proc/self/status"), "Name:\tnode\nCapEff:\t0000000000000400\n");
    writeFileSync(join(root, "proc/sys/net/ipv4/ip_unprivileged_port_start"), "80\n");
    assert.deepEqual(readMachineLimits(root), { descriptors: 1024, firstFreePort: 80, mayBindAnyPort: true });
  } finally {
    rmSync(root, { recursive: true });
  }
});
