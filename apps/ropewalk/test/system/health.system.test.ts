/** A node that measures, in a lab whose internet answers it: what it says of networks that work, that die, and that cannot be asked. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";
import { readMetrics } from "./read-metrics.ts";

let place: NodeInLab;
let node: Started;
/** Quick, so that nothing here takes long. */
const settings = '[backhaul.probe.normal]\ninterval = "100ms"\n[backhaul.settling]\nreturn_after = "500ms"\n';

before(async () => {
  place = await NodeInLab.openMeasuring(2, settings);
  node = await place.startNode();
  await node.until("both uplinks are up", () => areAll("up"));
});
after(async () => {
  await node[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

async function stateOf(name: string): Promise<string | undefined> {
  const { backhaul } = await place.client().status(soon());
  return backhaul.uplinks.find((uplink) => uplink.name === name)?.state;
}

/** By each of their families: an uplink is up with the first of them, before the other was measured. */
async function areAll(state: string): Promise<boolean> {
  const { uplinks } = await place.client().explanation(soon());
  return (
    uplinks.length === 2 &&
    uplinks.every(({ paths }) => paths.length === 2 && paths.every((path) => path.state === state))
  );
}

test("uplinks that work are up, with figures, in text and on the metrics page", async () => {
  const { stdout } = await place.run(["status"]);
  assert.match(stdout, /^wan0 +virtual +up +healthy +[\d.]+ ms +0 % +\d{3,4} +up +up +normal, \d+ MB$/m);
  assert.match(stdout, /^IPv4 is online\. Its traffic goes by wan0, by the kernel's own routes\.$/m);
  for (const line of [
    /^ropewalk_backhaul_connectivity\{family="ipv4",state="online"\} 1$/m,
    // In tenths of milliseconds, of which a lab's have none where the machine is quick.
    /^ropewalk_backhaul_path_rtt_seconds\{uplink="[^"]+",family="ipv6"\} [\d.]+(?:e-\d+)?$/m,
    /^ropewalk_backhaul_probes_total\{.*kind="tls",result="answered"\} [1-9]/m,
  ])
    await node.until(`the page says ${line}`, async () => line.test(await readMetrics(place.socket)));
});

test("uplink explain shows the evidence of every kind of probe, and no line is wider than 100 columns", async () => {
  const { stdout } = await place.run(["uplink", "explain", "wan0"]);
  for (const kind of ["echo", "tcp", "dns", "tls", "http", "mtu"]) {
    assert.match(stdout, new RegExp(`^ {6}good +${kind} `, "m"));
  }
  assert.match(stdout, /^ {4}score +\d+ = latency \d+ \+ loss 200 \+ success 500 \+ kind 90$/m);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
});

test("an uplink that goes silent is down, the other is chosen, and the kernel is said to lose what it sends", async () => {
  await place.lab.blackhole("wan0");
  await node.until("wan0 is down", async () => (await stateOf("wan0")) === "down");
  const { stdout } = await place.run(["status"]);
  assert.match(stdout, /^wan0 +virtual +down +(?:silent|beyond gateway) +- +- +- +down +down /m);
  assert.match(
    stdout,
    /^IPv4 is online\. Its traffic is lost: the kernel's own routes send it by wan0, which is down/m,
  );
  assert.match(stdout, /^Ropewalk would choose wan1: /m);
  const explained = await place.client().explanation(soon());
  const wan0 = explained.uplinks.find(({ name }) => name === "wan0");
  assert.equal(explained.decisions.overall.name, "wan1");
  const [path] = wan0?.paths ?? [];
  assert.equal(path?.state, "down");
  assert.ok(path.evidence.some(({ isGood }) => !isGood));
  assert.ok(path.silence !== null && path.silence.forMs > path.silence.boundMs);
  assert.match(explained.history.map(({ text }) => text).join("\n"), /wan0 IPv4 down/);
});

test("it comes back by way of probing, and is trusted again", async () => {
  await place.lab.heal("wan0");
  await node.until("wan0 is up again", () => areAll("up"));
  const explained = await place.client().explanation(soon());
  const told = explained.history.map(({ text }) => text).filter((text) => text.startsWith("wan0 IPv4 "));
  const states = told.map((text) => /^wan0 IPv4 (\w+)/.exec(text)?.[1]).toReversed();
  assert.deepEqual(states.slice(-3), ["down", "probing", "up"]);
});

test("probes switched off by a reload are not sent any more, and what they cost was told truly", async () => {
  const before = readFileSync(place.configFile, "utf8");
  writeFileSync(place.configFile, before.replace("[backhaul.probe]\n", "[backhaul.probe]\nenabled = false\n"));
  assert.equal((await place.run(["config", "reload"])).status, 0);
  await node.until("nothing is measured", () => areAll("unknown"));
  const asked = await place.run(["uplink", "explain"]);
  assert.match(asked.stdout, /^Nothing is measured and no probe is sent: backhaul\.probe\.enabled is false\.$/m);
  const seenByIsp = async (isMeant: (address: string) => boolean) => {
    const { sent, received } = await place.lab.counters("wan1");
    return [...sent, ...received].reduce((sum, { address, bytes }) => sum + (isMeant(address) ? bytes : 0), 0);
  };
  // Neighbour discovery is IPv6, goes on by itself, and is none of the node's.
  const isIpv4 = (address: string) => !address.includes(":");
  const then = await seenByIsp(isIpv4);
  await place.run(["status"]);
  assert.equal(await seenByIsp(isIpv4), then, "nothing passes any more");
  const all = await seenByIsp(() => true);
  const wan1 = (await place.client().explanation(soon())).uplinks.find(({ name }) => name === "wan1");
  const told = (wan1?.probeBytes.sent ?? 0) + (wan1?.probeBytes.received ?? 0);
  assert.ok(Math.abs(told - all) < all / 10, `the node tells of ${told} octets, the ISP counted ${all}`);
});
