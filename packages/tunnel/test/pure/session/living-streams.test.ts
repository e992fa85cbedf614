import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { LivingStreams } from "@ropewalk/tunnel/pure/session/living-streams";
import type { Stream } from "@ropewalk/tunnel/pure/session/stream";

const now = millis(1000);

/** One with octets to send, octets that wait, an acknowledgement and credit to tell. */
function busy(streams: LivingStreams): Stream {
  const stream = streams.open(now, 10_000, new Uint8Array(3)) ?? assert.fail("no stream");
  stream.phase = { kind: "open", isOwn: true };
  stream.send.write(new Uint8Array(100));
  streams.kept.add(100);
  streams.turns.note(stream);
  stream.receive.arrive(0, new Uint8Array(10));
  streams.outbox.acknowledge(now, stream);
  streams.outbox.credit(stream);
  return stream;
}

const ends: readonly (readonly [string, (streams: LivingStreams, stream: Stream) => void])[] = [
  ["reset by the peer", (streams, stream) => streams.over(stream, "aborted")],
  ["gone", (streams, stream) => streams.gone(stream)],
  [
    "reset here, and answered",
    (streams, stream) => {
      streams.reset(stream, "aborted");
      streams.gone(stream);
    },
  ],
];

for (const [how, end] of ends)
  test(`of a stream that is ${how} nothing waits, is kept or set aside`, () => {
    const streams = new LivingStreams("source", { credit: 262_144, mostStreams: 4 }, 65_536, () => {});
    const stream = busy(streams);
    const other = busy(streams);
    end(streams, stream);
    assert.equal(streams.kept.total, 100);
    assert.equal(streams.budget.promised, other.receive.window);
    assert.equal(streams.table.all.size, 1);
    assert.equal(streams.resetting, 0);
    end(streams, other);
    assert.equal(streams.turns.isEmpty, true);
    assert.equal(streams.outbox.deadline(), undefined);
    assert.equal(streams.kept.total, 0);
    assert.equal(streams.budget.promised, 0);
  });
