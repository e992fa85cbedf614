import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { type ExplainScope, explainLines, scopedExplanation } from "../src/render/explain-view.ts";
import { createPaint } from "../src/render/paint.ts";
import { explanation } from "./explanation.ts";
import { deadWan0, slowWan1 } from "./picture.ts";

const view = { paint: createPaint(false), columns: undefined };
const everything: ExplainScope = { uplinkId: undefined, families: ["ipv4", "ipv6"] };

function page(scope: Partial<ExplainScope> = {}, document: ExplanationDocument = explanation): string {
  return explainLines(document, { ...everything, ...scope }, view).join("\n");
}

test("the page begins with what works and what is chosen, why, and why not the others", () => {
  assert.deepEqual(page().split("\n").slice(0, 11), [
    "IPv4 is online. Its traffic is lost: the kernel's own routes send it by wan0, which is down (beyond",
    "  gateway).",
    "IPv6 is offline. Its traffic has no way out by any uplink.",
    "",
    "Overall: wan1. Why: wan1 is the only one that answers",
    "  not wan0: wan0's gateway answers and nothing beyond it does",
    "IPv4: the same as overall",
    "IPv6: none. Why: no uplink has IPv6",
    "  not wan0: wan0's gateway answers and nothing beyond it does",
    "Ropewalk only watches: it changes no route.",
    "",
  ]);
});

test("each path tells its state and since when, the reason, the silence beside its bound, and its damping", () => {
  const lines = page({ uplinkId: deadWan0.id, families: ["ipv4"] }).split("\n");
  const start = lines.indexOf("wan0  down  ethernet, pci-0000:00:03.0");
  assert.deepEqual(lines.slice(start, start + 12), [
    "wan0  down  ethernet, pci-0000:00:03.0",
    "    probes   profile normal, 21 MB a day while nothing is wrong; sent 1.2 MB and received 1.1 MB",
    "             since the start",
    "  IPv4 from 192.0.2.7: down for 13 min",
    "    why      beyond-gateway: wan0's gateway answers and nothing beyond it does",
    "    quality  RTT not measured, jitter not measured, loss 100 %",
    "    score    not measured",
    "    silence  last sign of life 13 min ago; it counts as silent after 3 s",
    "    damping  penalty 1500 for going down; kept out of use for another 15 s",
    "    evidence",
    "      BAD   echo  cloudflare 1.1.1.1  400 ms ago  silent since 757 s",
    "      good  echo  gateway 192.0.2.1   4.2 s ago   answered in 0.8 ms",
  ]);
  assert.ok(lines.includes("      none  mtu   cloudflare 1.1.1.1  -           not asked yet"));
});

test("what is about to change is told, and penalties that keep nothing back are told as such", () => {
  const text = page({ uplinkId: slowWan1.id });
  assert.match(text, /^ {4}next +up in 4\.2 s when the round trip stays below 400 ms$/m);
  assert.match(text, /^ {4}damping +penalty 210 .*not enough to be kept out of use$/m);
  assert.match(text, /^ {4}score +757 = latency 0 \+ loss 197 \+ success 500 \+ kind 60$/m);
});

test("of a family that nothing was asked of only the reason is told", () => {
  const lines = page({ uplinkId: deadWan0.id, families: ["ipv6"] }).split("\n");
  const start = lines.indexOf("  IPv6: down");
  assert.deepEqual(lines.slice(start, start + 3), [
    "  IPv6: down",
    "    why      no-address: wan0 has no IPv6 address",
    "",
  ]);
});

test("faulty targets and the latest changes end the page", () => {
  assert.deepEqual(page().split("\n").slice(-6), [
    "",
    "Silent on every uplink while others answer, so no uplink is blamed: quad9 9.9.9.9",
    "",
    "Latest changes, newest first:",
    "    12 s ago  wan1/ipv4 is degraded: latency",
    "  13 min ago  wan0/ipv4 is down: beyond the gateway",
  ]);
});

test("one uplink and one family are shown alone, and what is chosen for that family with them", () => {
  const text = page({ uplinkId: slowWan1.id, families: ["ipv4"] });
  assert.doesNotMatch(text, /IPv6|Overall|^wan0 /m);
  assert.match(text, /^IPv4: wan1\. Why: /m);
  assert.match(text, /^wan1 \(spare\) /m);
  const scoped = scopedExplanation(explanation, { uplinkId: deadWan0.id, families: ["ipv6"] });
  assert.deepEqual(
    scoped.uplinks.map(({ name, paths }) => [name, ...paths.map(({ family }) => family)]),
    [["wan0", "ipv6"]],
  );
});

test("a node that measures nothing says so and by which key", () => {
  const uplinks = explanation.uplinks.map((uplink) => ({
    ...uplink,
    probing: null,
    probeBytes: { sent: 0, received: 0 },
  }));
  const text = page({}, { ...explanation, probing: false, uplinks });
  assert.match(text, /^Nothing is measured and no probe is sent: backhaul\.probe\.enabled is false\.$/m);
  assert.match(text, /^ {4}probes +none are sent$/m);
});

test("a thousand targets fill no terminal: what speaks against the path is shown first, the rest counted", () => {
  const [wan0] = explanation.uplinks;
  const [ipv4] = wan0?.paths ?? [];
  assert.ok(wan0 !== undefined && ipv4 !== undefined);
  const evidence = Array.from({ length: 1_000 }, (_, index) => ({
    kind: "tcp" as const,
    target: `server ${index}`,
    text: "answered",
    isGood: index !== 999,
    ageMs: 10,
  }));
  const text = page({}, { ...explanation, uplinks: [{ ...wan0, paths: [{ ...ipv4, evidence }] }] });
  assert.match(text, /evidence\n {6}BAD +tcp +server 999 /);
  assert.match(text, /^ {6}and 976 more; --json lists them$/m);
});

test("no line is wider than the terminal as long as its words are not, and no name reaches it raw", () => {
  const hostile = { ...explanation, history: [{ agoMs: 1, text: "x\u001b[2J" }] };
  assert.equal(page({}, hostile).includes("\u001b"), false);
  for (const columns of [60, 100]) {
    for (const line of explainLines(explanation, everything, { ...view, columns })) {
      assert.ok(line.length <= columns, line);
    }
  }
});
