/** Names of metrics. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricNameFault } from "../../src/pure/metric-name.ts";

test("names that follow Prometheus' conventions pass", () => {
  assert.equal(metricNameFault("counter", "ropewalk_uplink_received_bytes_total", ["uplink"]), undefined);
  assert.equal(metricNameFault("gauge", "ropewalk_uplink_rtt_seconds", []), undefined);
  assert.equal(metricNameFault("histogram", "ropewalk_event_delay_seconds", ["kind", "uplink"]), undefined);
});

test("each departure is told", () => {
  const cases = [
    ["gauge", "uplink_rtt_seconds", [], /begin with ropewalk_/],
    ["gauge", "ropewalk_Rtt", [], /snake_case/],
    ["counter", "ropewalk_bytes", [], /end in _total/],
    ["gauge", "ropewalk_bytes_total", [], /must not end in _total/],
    ["gauge", "ropewalk_rtt_ms", [], /base unit/],
    ["counter", "ropewalk_wait_milliseconds_total", [], /base unit/],
    ["gauge", "ropewalk_loss_percent", [], /base unit/],
    ["histogram", "ropewalk_delay_seconds_sum", [], /suffix/],
    ["histogram", "ropewalk_delay_seconds", ["le"], /label le/],
    ["gauge", "ropewalk_x", ["Uplink"], /label Uplink/],
    ["gauge", "ropewalk_x", ["a", "a"], /twice/],
  ] as const;
  for (const [type, name, labels, fault] of cases) assert.match(metricNameFault(type, name, labels) ?? "", fault, name);
});
