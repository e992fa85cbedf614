/** When an end of the tunnel keeps to a node's paths, and when the system's own routes decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackhaulDocument } from "@ropewalk/api/http";
import { nothingHeard, ownAddress, readPaths } from "../../src/compose/tunnel/node-paths.ts";
import { pathDocument, steered } from "./steered-picture.ts";

const here = new Set([ownAddress("wan0", "192.0.2.7"), ownAddress("lo", "127.0.0.1")]);
const { backhaul } = steered;

function guidanceOf(changed: Partial<BackhaulDocument>) {
  return readPaths({ ...backhaul, ...changed }, here).guidance;
}

test("the paths of a node that moves traffic are given as the node has them", () => {
  const { mtuBytes, ...path } = pathDocument;
  assert.deepEqual(guidanceOf({}), {
    ...{ generation: 3, ipv4: "online", ipv6: "offline" },
    active: { ipv4: pathDocument.uplinkId, overall: pathDocument.uplinkId },
    usable: [{ ...path, mtu: mtuBytes }],
  });
});

test("a node that only watches leaves it to the system's routes, and says why it watches", () => {
  const { guidance, why } = readPaths({ ...backhaul, monitorOnly: true }, here);
  assert.equal(guidance, "unmanaged");
  assert.ok(why.includes(backhaul.steering.text));
});

test("a node that has seen nothing yet is not one without uplinks", () => {
  const { connectivity } = backhaul;
  assert.equal(guidanceOf({ connectivity: { ...connectivity, generation: 0, usable: [] } }), "unmanaged");
  const empty = guidanceOf({ connectivity: { ...connectivity, generation: 4, usable: [] } });
  assert.deepEqual(empty !== "unmanaged" && empty.usable, []);
});

test("a node whose uplinks are not of this network is not followed", () => {
  const { guidance, why } = readPaths(backhaul, new Set([ownAddress("eth0", "192.0.2.7")]));
  assert.equal(guidance, "unmanaged");
  assert.match(why, /container/);
});

test("one path of this network is enough: another may have gone a moment ago", () => {
  const gone = { ...pathDocument, uplinkId: "usb-1", name: "wan1", source: "198.51.100.7" };
  const both = guidanceOf({ connectivity: { ...backhaul.connectivity, usable: [gone, pathDocument] } });
  assert.deepEqual(both !== "unmanaged" && both.usable.map(({ name }) => name), ["wan1", "wan0"]);
});

test("addresses are compared whichever way they are written", () => {
  const source = "2001:db8::7";
  const connectivity = { ...backhaul.connectivity, usable: [{ ...pathDocument, family: "ipv6" as const, source }] };
  const { guidance } = readPaths({ ...backhaul, connectivity }, new Set([ownAddress("wan0", "2001:DB8:0::7")]));
  assert.notEqual(guidance, "unmanaged");
});

test("what stands before the first word is of generation 0", () => {
  assert.equal(nothingHeard.generation, 0);
});
