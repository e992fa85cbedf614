/** What a node answers of the mesh, and what people are shown of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type MeshAnswerDocument, meshRoutes } from "@ropewalk/api/mesh";
import { meshAnswerSchema, meshRoutesSchema, meshStatusSchema } from "@ropewalk/api/mesh-schema";
import { meshAnswer, meshChange } from "../../src/local-api/mesh-api.ts";
import { meshRoutesDocument, meshStatusDocument, meshSummary } from "../../src/local-api/mesh-documents.ts";
import { peerTable, pingLines, routeTable, statsLines, traceLines } from "../../src/render/mesh-view.ts";
import { createPaint } from "../../src/render/paint.ts";
import { statusLines } from "../../src/render/status-view.ts";
import { picture } from "../picture.ts";
import { fakeMesh, fakeRoutes, fakeStatus, far, lost, near, own } from "./fake-mesh.ts";

const view = { paint: createPaint(false), columns: undefined };

const noBody = () => Promise.resolve(new Uint8Array());

async function ask(path: string, mesh = fakeMesh()) {
  const change = meshChange(path, mesh);
  return change === undefined ? undefined : await change(noBody);
}

test("status and routes are documents of the contract, with nothing lost on the way", () => {
  const mesh = fakeMesh();
  const status = meshAnswer(meshRoutes.status, mesh)?.document;
  assert.deepEqual(meshStatusSchema.parse(JSON.parse(JSON.stringify(status))), status);
  const routes = meshAnswer(meshRoutes.routes, mesh)?.document;
  assert.deepEqual(meshRoutesSchema.parse(JSON.parse(JSON.stringify(routes))), routes);
  assert.equal(meshAnswer("/v1/mesh/other", mesh), undefined);
});

test("a question is put with less patience than who asks has, and its answer is a document", async () => {
  const mesh = fakeMesh();
  const traced = await ask(meshRoutes.trace + far.toUpperCase(), mesh);
  const answer = { kind: "answered", address: far, roundTripMs: 2.5, path: [near] };
  assert.deepEqual(meshAnswerSchema.parse(traced?.document), answer);
  assert.deepEqual(mesh.asked, [{ to: far, within: 4_000 }]);
  const silent = await ask(meshRoutes.ping + lost, mesh);
  assert.deepEqual(meshAnswerSchema.parse(silent?.document), { kind: "unanswered", address: lost, why: "no-route" });
});

test("what is no address is a bad request, and without a mesh every question is refused with the reason", async () => {
  assert.equal((await ask(`${meshRoutes.ping}zz`))?.status, 400);
  assert.equal(await ask("/v1/mesh/other"), undefined);
  const refusals = [
    meshAnswer(meshRoutes.status, undefined),
    await meshChange(meshRoutes.ping + far, undefined)?.(noBody),
  ];
  for (const refusal of refusals) {
    assert.equal(refusal?.status, 409);
    assert.match(JSON.stringify(refusal?.document), /has no \[mesh\]/);
  }
});

test("neighbours are shown with how and since when they are linked", () => {
  const lines = peerTable(meshStatusDocument(fakeStatus()), view);
  assert.match(lines[1] ?? "", new RegExp(`^${near} +to 192.0.2.1 port 7412 +4.2 s +1.3 ms +online, open`));
  assert.deepEqual(peerTable(meshStatusDocument({ ...fakeStatus(), peers: [] }), view), ["No neighbours."]);
  const held = peerTable(meshStatusDocument({ ...fakeStatus(), held: "no space" }), view);
  assert.deepEqual(held, ["No neighbours: sequences cannot be set aside (no space)."]);
});

test("nodes are shown with by whom they are reached, if they are", () => {
  const [, first, second, third] = routeTable(meshRoutesDocument(fakeRoutes), view);
  assert.match(first ?? "", new RegExp(`^${near} +1 +itself +0 +neighbour +10 min`));
  assert.match(second ?? "", new RegExp(`^${far} +2 +${near.slice(0, 8)} +0 +confirmed, contact`));
  assert.match(third ?? "", new RegExp(`^${lost} +- +no way +0 +unconfirmed`));
  assert.deepEqual(routeTable(meshRoutesDocument([]), view), ["No other node is known."]);
});

test("answers are shown as sentences, and the way of a trace in its order", () => {
  const answered: MeshAnswerDocument = { kind: "answered", address: far, roundTripMs: 2.5, path: [near] };
  assert.deepEqual(pingLines(answered), [`${far} answered after 2.5 ms.`]);
  assert.deepEqual(traceLines(answered), [` 1  ${near}`, ` 2  ${far}  2.5 ms`]);
  const silent: MeshAnswerDocument = { kind: "unanswered", address: lost, why: "lost" };
  assert.deepEqual(traceLines(silent), [`${lost} does not answer: nothing came back.`]);
});

test("what is counted is shown with its reasons", () => {
  const text = statsLines(meshStatusDocument(fakeStatus())).join("\n");
  assert.match(text, new RegExp(`^Address +${own}\nListening +:: port 7412\n`));
  assert.match(text, /Announces +1 proved, 3 refused \(2 old, 1 signature\)/);
  assert.match(text, /Packets +0 for this node, 0 passed on, 1 dropped \(1 hops\)/);
  assert.match(text, /Strangers +2 connections .*, 8 refused \(7 rate-limited, 1 full\)/);
  assert.match(text, new RegExp(`Over limits +5 refused \\(5 request\\)\n +4 of ${near} \\(4 request\\)$`));
  assert.match(text, /Discovered +nobody: discovery is off/);
});

test("the node's own status has one line of the mesh, where there is one", () => {
  const lines = statusLines({ ...picture, mesh: meshSummary(fakeStatus()) }, view);
  assert.ok(lines.includes(`Mesh ${own}: 1 neighbour, a way to 2 nodes.`), lines.join("\n"));
  assert.doesNotMatch(statusLines(picture, view).join("\n"), /Mesh/);
});
