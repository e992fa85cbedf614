/** Two machines on one local network that were told nothing of each other, and one beyond it that was. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { SayingNode } from "./said.ts";

let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 1 });
});
after(() => lab?.[Symbol.asyncDispose]());

test("neighbours on a local network find each other, link and speak; one that starts again is found again", async () => {
  await using client = new SayingNode(lab.host("client"));
  const known = await client.said("address");
  {
    await using edge = new SayingNode(lab.host("edge"));
    const other = await edge.said("address");
    await Promise.all([client.said(`up ${other}`), edge.said(`up ${known}`)]);
    assert.equal(await client.said("frame"), "hello from edge");
    assert.equal(await edge.said("frame"), "hello from client");
  }
  await client.said("down");
  const before = client.lines.length;
  await using again = new SayingNode(lab.host("edge"));
  const other = await again.said("address");
  await Promise.all([client.said(`up ${other}`, before), again.said(`up ${known}`)]);
  assert.equal(await client.said("frame", before), "hello from edge");
  const heard = again.lines.filter((line) => line.startsWith("found"));
  assert.ok(
    heard.every((line) => line.startsWith(`found ${known}`)),
    heard.join("; "),
  );
});

/** What a fresh node in client says to have found first of a fresh one in edge, with which it then has a link. */
async function foundByClient(): Promise<string> {
  await using client = new SayingNode(lab.host("client"));
  await client.said("address");
  await using edge = new SayingNode(lab.host("edge"));
  const other = await edge.said("address");
  await client.said(`up ${other}`);
  return client.said(`found ${other}`);
}

test("IPv6 alone is enough, and so is IPv4", async () => {
  const ip = (...words: readonly string[]) => lab.host("client").exec("ip", words);
  await ip("-4", "address", "flush", "dev", "eth0");
  assert.match(await foundByClient(), /^fe80:[0-9a-f:]+%eth0$/);
  await ip("address", "add", "198.19.0.2/24", "dev", "eth0");
  await ip("-6", "address", "flush", "dev", "eth0");
  assert.equal(await foundByClient(), "198.19.0.1");
});

test("a static peer beyond routers is dialled; a node whose discovery is off is not heard by its neighbours", async () => {
  const target = lab.host("target-1");
  const { stdout } = await target.exec("ip", ["-4", "-json", "address", "show", "dev", "eth0"]);
  const [
    {
      addr_info: [{ local: host }],
    },
  ] = JSON.parse(stdout);
  await using far = new SayingNode(target, { isDiscovering: false });
  const farAddress = await far.said("address");
  await using edge = new SayingNode(lab.host("edge"), { isDiscovering: false, peers: [{ host, port: 7412 }] });
  const edgeAddress = await edge.said("address");
  await using client = new SayingNode(lab.host("client"));
  await client.said("address");
  await Promise.all([edge.said(`up ${farAddress}`), far.said(`up ${edgeAddress}`)]);
  assert.equal(await far.said("frame"), "hello from edge");
  assert.ok(!client.lines.some((line) => line.startsWith("found")), client.lines.join("; "));
});
