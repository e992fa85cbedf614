/** A simulation must be cheap, or nobody runs a thousand hours of it. */
import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { test } from "node:test";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import { SimNet } from "@ropewalk/simnet/simnet";
import { far, near } from "./link-rig.ts";

test("200,000 echoes over a link with loss, jitter and a queue pass at more than 100,000 packets a second of a processor", () => {
  const count = 200_000;
  const net = new SimNet<number>(1);
  const [client, server] = [net.node("client"), net.node("server")];
  const wire = net.connect("wire", client, server, {
    delay: millis(10),
    jitter: { mean: millis(2), shape: "exponential", order: "kept" },
    rate: bitsPerSecond(10_000_000),
    loss: { kind: "random", share: 0.02 },
  });
  const size = bytes(84);
  server.listen(far, {
    onPacket: ({ payload }) => server.send({ from: far, to: near, size, isWhole: false, payload }, wire.back),
  });
  let replies = 0;
  client.listen(near, {
    onPacket: () => {
      replies += 1;
    },
  });
  const ping = (payload: number) => {
    client.send({ from: near, to: far, size, isWhole: false, payload }, wire.there);
    if (payload < count) client.clock.after("ping", millis(1), () => ping(payload + 1));
  };
  const began = cpuUsage();
  ping(1);
  net.run(seconds(count / 1_000 + 10));
  const { user, system } = cpuUsage(began);
  const rate = (wire.there.counts.sent + wire.back.counts.sent) / ((user + system) / 1e6);
  assert.ok(Math.abs(replies / count - 0.98 ** 2) < 0.005);
  // Ten times below what a small machine does.
  assert.ok(rate > 100_000, `${Math.round(rate)} packets a second`);
});
