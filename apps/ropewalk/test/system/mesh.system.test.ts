/**
 * Three nodes on three machines: client on the LAN of edge, edge with two uplinks, target-1 beyond them. Client and target-1 are told
 * nothing of each other, and reach each other over edge, also when it was killed and when the uplink is another.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { MeshAnswerDocument } from "@ropewalk/api/mesh";
import { beyond, type MeshMember, meshInRow, SteadyPings } from "./mesh-in-lab.ts";
import { type NodeInLab, type Started, soon } from "./node-in-lab.ts";

let lab: NodeInLab;
let client: MeshMember;
let edge: MeshMember;
let target: MeshMember;
let relay: Started;
const running = new AsyncDisposableStack();

before(async () => {
  ({ lab, client, edge, target } = await meshInRow(running));
  running.use(await client.start());
  running.use(await target.start());
  relay = await edge.start();
  running.defer(() => relay[Symbol.asyncDispose]());
});
after(() => running.disposeAsync());

test("client finds edge on its LAN, and asks who is beyond edge, over edge", async () => {
  const [far, near] = [await target.address(), await edge.address()];
  await relay.until("client is answered by target-1", async () => (await ask("ping", far)).kind === "answered");
  const traced = await ask("trace", far);
  assert.deepEqual(traced.kind === "answered" && traced.path, [near]);
  const { peers } = await client.client.mesh(soon());
  assert.deepEqual(
    peers.map(({ address }) => address),
    [near],
  );
});

test("commands tell the same, also for programs, and of an address the beginning is enough", async () => {
  const [far, near] = [await target.address(), await edge.address()];
  const [peers, routes, stats] = await Promise.all(["peers", "routes", "stats"].map((word) => client.command(word)));
  assert.match(peers?.stdout ?? "", new RegExp(`NEIGHBOUR.*\n${near} `));
  assert.match(routes?.stdout ?? "", new RegExp(`${near} +1 +itself .*\n${far} +2 +${near.slice(0, 8)} `));
  assert.match(stats?.stdout ?? "", /Nodes known +2 of at most 8192, a way to 2\n/);
  const [trace, ping, nobody, other] = await Promise.all([
    client.command("trace", far.slice(0, 8)),
    client.command("ping", far, "--json"),
    client.command("ping", "00".repeat(16)),
    client.command("ping", "zz"),
  ]);
  assert.match(trace?.stdout ?? "", new RegExp(`^ 1 {2}${near}\n 2 {2}${far} {2}[0-9.< ]+ ms\n$`));
  assert.equal(JSON.parse(ping?.stdout ?? "").kind, "answered");
  assert.deepEqual([trace?.status, ping?.status, nobody?.status, other?.status], [0, 0, 1, 2]);
  assert.match(nobody?.stdout ?? "", /does not answer: no way to it is known\./);
});

test("edge reads its configuration again: a peer that it names no more is out of reach, at once, until it names him again", async () => {
  const far = await target.address();
  const isPeer = async () => (await edge.client.mesh(soon())).peers.some(({ address }) => address === far);
  const again = async (table: string) => {
    edge.write(table);
    const { status, stdout } = await edge.reload();
    assert.equal(status, 0);
    return stdout;
  };
  assert.equal(await again("[mesh]\n"), "Now in force: mesh.peer[0].\n");
  assert.equal(await isPeer(), false);
  await relay.until("client is not answered", async () => (await ask("ping", far)).kind === "unanswered");
  const moved = `[mesh.transport]\nlisten = ["0.0.0.0:7413"]\n[[mesh.peer]]\nat = "${beyond}"\n`;
  assert.equal(await again(moved), "Now in force: mesh.transport.listen[0], mesh.peer[0].\n");
  await relay.until("client is answered again", async () => (await ask("ping", far)).kind === "answered");
  assert.deepEqual(
    (await edge.client.mesh(soon())).listening.map(({ port }) => port),
    [7413],
  );
  edge.write('[mesh]\npreset = "constrained"\nkind = "shut"\n');
  const refused = await edge.reload();
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /mesh\.kind/);
  assert.ok(await isPeer());
  assert.match(await again(`[[mesh.peer]]\nat = "${beyond}"\n`), /mesh\.transport\.listen\[0\]/);
});

test("edge is killed and started again, and client is answered by target-1 again", async (context) => {
  const far = await target.address();
  await using pings = new SteadyPings(client, far);
  await relay.until("answers come", () => pings.answers.length > 0);
  await relay.process.kill("SIGKILL");
  await relay.process.exited;
  await relay[Symbol.asyncDispose]();
  relay = await edge.start();
  const ready = performance.now();
  const before = pings.answers.length;
  await relay.until("answers come again", () => pings.answers.length > before + 10);
  const again = (pings.answers.at(before) ?? 0) - ready;
  const gap = Math.round(pings.longestGap);
  context.diagnostic(
    `answered again ${Math.round(again)} ms after edge's node was ready, ${gap} ms after the last answer`,
  );
});

test("edge's uplink is cut, and the mesh goes on by the other", async (context) => {
  const far = await target.address();
  await using pings = new SteadyPings(client, far);
  await relay.until("answers come", () => pings.answers.length > 20);
  const by = async () => (await edge.client.mesh(soon())).peers.find(({ address }) => address === far)?.path ?? "none";
  assert.match(await by(), /^wan0 /);
  await lab.lab.cut("wan0");
  await relay.until("it goes by wan1", async () => /^wan1 /.test(await by()));
  const count = pings.answers.length;
  await relay.until("answers come again", () => pings.answers.length > count + 20);
  context.diagnostic(`the longest time without an answer: ${Math.round(pings.longestGap)} ms`);
  await lab.lab.heal("wan0");
});

async function ask(question: "ping" | "trace", to: string): Promise<MeshAnswerDocument> {
  return await client.client.meshAsk(question, to, soon());
}
