/** The drop-in that lets the service move traffic is valid, grants what that needs, and nothing that the unit forbids is called. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { NodeInLab, soon } from "./node-in-lab.ts";

const deploy = join(import.meta.dirname, "../../../../deploy/systemd");
const root = mkdtempSync(join(tmpdir(), "ropewalk-unit-"));

before(() => {
  const units = join(root, "etc/systemd/system");
  mkdirSync(join(units, "ropewalk.service.d"), { recursive: true });
  cpSync(join(deploy, "ropewalk.service"), join(units, "ropewalk.service"));
  cpSync(join(deploy, "ropewalk-steering.conf"), join(units, "ropewalk.service.d/steering.conf"));
});

after(() => rmSync(root, { recursive: true }));

/** What systemd says of the capabilities of the unit with its drop-ins. */
function grantedBy(threshold: string) {
  const { status, stdout, stderr } = analyze(
    ...["security", "--offline=true", `--root=${root}`, `--threshold=${threshold}`, "ropewalk.service"],
  );
  assert.equal(stderr, "");
  assert.equal(status, 0, stdout);
  const given = [...stdout.matchAll(/^✗ CapabilityBoundingSet=~(\S+)/gm)].map(([, capabilities]) => capabilities);
  return { given, isPacketFamilyOpen: /^✗ RestrictAddressFamilies=~AF_PACKET/m.test(stdout) };
}

function analyze(...words: string[]) {
  return spawnSync("systemd-analyze", words, { encoding: "utf8" });
}

test("systemd finds no fault in the unit with the drop-in, and its exposure stays below 3.0 of 10", () => {
  assert.deepEqual(grantedBy("30"), { given: ["CAP_NET_ADMIN"], isPacketFamilyOpen: false });
});

test("who gets leases is granted what udhcpc needs besides, and no more", () => {
  const leases = join(root, "etc/systemd/system/ropewalk.service.d/leases.conf");
  cpSync(join(deploy, "ropewalk-leases.conf"), leases);
  const { given, isPacketFamilyOpen } = grantedBy("35");
  rmSync(leases);
  assert.equal(isPacketFamilyOpen, true);
  assert.deepEqual(given.toSorted(), ["CAP_NET_(BIND_SERVICE|BROADCAST|RAW)", "CAP_NET_ADMIN"]);
});

/** As systemd would start it: root, with what is granted and no more. Reading a clone in anybody's home is for the test. */
const asGranted = [
  "setpriv",
  "--inh-caps=-all",
  "--ambient-caps=-all",
  "--bounding-set=-all,+net_admin,+dac_read_search",
  "--no-new-privs",
];

/** Every system call of a set of systemd's, those of sets within it too. */
function callsOf(set: string): ReadonlySet<string> {
  const { stdout } = analyze("syscall-filter", "--no-pager", set);
  const words = stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#") && line !== set);
  return new Set(words.flatMap((word) => (word.startsWith("@") ? [...callsOf(word)] : [word])));
}

test("with that and no more it moves traffic, gives everything back, and calls nothing that the unit's filter forbids", async () => {
  await using place = await NodeInLab.openMeasuring(2, "");
  const untouched = await snapshot(place.edge);
  const trace = join(place.folder, "calls");
  const env = {
    ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
    ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
    ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
  };
  // -D: the tracer is nobody's parent, and signals go to the node. -c: a summary when that has ended.
  await using node = await place.startNode({ env, prefix: [...asGranted, "strace", "-D", "-f", "-c", "-o", trace] });
  await node.until("it steers, and nothing is left to do", async () => {
    const { uplinks, steering } = (await place.client().status(soon())).backhaul;
    const { steps } = await place.client().plan(soon());
    return (
      uplinks.length === 2 && steering.standing === "steering" && steering.unmet.length === 0 && steps.length === 0
    );
  });
  assert.match((await place.edge.tryExec("nft", ["list", "table", "inet", "ropewalk"])).stdout, /0x00000200/);
  assert.match((await place.edge.tryExec("cat", ["/etc/resolv.conf"])).stdout, /Written by Ropewalk/);
  assert.equal((await place.run(["uplink", "purge"])).status, 0);
  assert.equal(await snapshot(place.edge), untouched);
  await node.process.kill("SIGTERM");
  await node.process.exited;
  const allowed = callsOf("@system-service").difference(callsOf("@privileged")).union(callsOf("@chown"));
  const called = await summaryOf(trace);
  assert.ok(called.length > 20, "the trace has them");
  assert.deepEqual(
    called.filter((name) => !allowed.has(name)),
    [],
  );
});

/** The last column of strace's table, which is written once every traced process has ended. */
async function summaryOf(file: string): Promise<readonly string[]> {
  const end = performance.now() + 40_000;
  for (;;) {
    const text = readFileSync(file, "utf8");
    if (/ total$/m.test(text)) {
      return [...text.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +\d+ +(?:\d+ +)?(\w+)$/gm)]
        .map(([, name = ""]) => name)
        .filter((name) => name !== "total");
    }
    assert.ok(performance.now() < end, `strace has written no summary:\n${text}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
