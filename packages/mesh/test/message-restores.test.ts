/** Nodes whose disks are given back from an older copy: nothing that is accepted is lost, and nothing arrives twice. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { test } from "node:test";
import { MessagePlace } from "./message-place.ts";
import { until } from "./nodes-on-loopback.ts";

test("a recipient and a sender that are given back yesterday's stores read nothing twice, lose nothing since, and both write on", async () => {
  await using one = new MessagePlace();
  await using other = new MessagePlace();
  await one.start();
  await other.start(one.at);
  await until("there are ways", () => one.hasWay(other.address) && other.hasWay(one.address));
  const write = async (...texts: readonly string[]) => {
    for (const text of texts) await one.delivered(await one.send(other.address, text));
  };
  await write("a", "b", "c");
  await other.stop();
  const pending = await one.send(other.address, "d");
  await one.stop();
  const copyOf = ({ store }: MessagePlace) => `${store}.yesterday`;
  for (const place of [one, other]) copyFileSync(place.store, copyOf(place));
  const start = async () => {
    await one.start();
    await other.start(one.at);
  };
  await start();
  await one.delivered(pending);
  await write("e", "f");
  assert.deepEqual(await other.inbox(), ["a", "b", "c", "d", "e", "f"]);

  // The sender believes that "d" was never delivered, and does not know of the sessions since.
  await one.stop();
  copyFileSync(copyOf(one), one.store);
  await one.start(other.at);
  await one.delivered(pending);
  await write("g");
  assert.deepEqual(await other.inbox(), ["a", "b", "c", "d", "e", "f", "g"]);

  // The recipient has not seen what came since, nor its chains; its sender, who begins anew as well, opens another.
  await other.stop();
  await one.stop();
  copyFileSync(copyOf(other), other.store);
  await start();
  await write("h");
  assert.deepEqual(await other.inbox(), ["a", "b", "c", "h"]);
});
