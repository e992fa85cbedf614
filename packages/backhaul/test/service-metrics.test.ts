/** The metrics as one scrape shows them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BackhaulBench } from "./backhaul-bench.ts";

async function scraped(bench: BackhaulBench): Promise<readonly string[]> {
  const { body } = await bench.metrics.render();
  return body.split("\n").filter((line) => line.startsWith("ropewalk_backhaul_"));
}

test("uplinks, their interfaces, carriers and octets are shown, and vanish with the uplink", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const id = service.status().uplinks[0]?.id;
  const none = {
    receivedPackets: 0,
    sentPackets: 0,
    receiveErrors: 0,
    sendErrors: 0,
    receiveDropped: 0,
    sendDropped: 0,
  };
  bench.network.setCounters(ifindex, { ...none, receivedBytes: 70, sentBytes: 80 });
  const lines = await scraped(bench);
  for (const line of [
    'ropewalk_backhaul_uplinks{state="unknown"} 1',
    'ropewalk_backhaul_uplinks{state="down"} 0',
    `ropewalk_backhaul_uplink_interface{uplink="${id}",interface="eth0",kind="ethernet"} 1`,
    `ropewalk_backhaul_uplink_carrier{uplink="${id}"} 1`,
    `ropewalk_backhaul_uplink_received_bytes_total{uplink="${id}"} 70`,
    `ropewalk_backhaul_uplink_sent_bytes_total{uplink="${id}"} 80`,
    "ropewalk_backhaul_connectivity_generation 1",
  ]) {
    assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join("\n")}`);
  }
  bench.network.setCarrier(ifindex, false);
  assert.ok((await scraped(bench)).includes(`ropewalk_backhaul_uplink_carrier{uplink="${id}"} 0`));
  bench.network.removeLink(ifindex);
  assert.deepEqual(
    (await scraped(bench)).filter((line) => line.includes("uplink=")),
    [],
  );
});

test("messages of the kernel and events told are counted", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using _service = await bench.start();
  bench.network.setCarrier(ifindex, false, "carrier-poll");
  bench.network.loseEvents("overrun");
  const lines = await scraped(bench);
  assert.ok(lines.includes("ropewalk_backhaul_network_resyncs_total 1"));
  assert.ok(lines.includes("ropewalk_backhaul_network_polled_carrier_edges_total 1"));
  assert.ok(lines.some((line) => line.startsWith('ropewalk_backhaul_events_total{kind="uplink-changed"} ')));
});
