/** The text form of server-sent events, read back by the rules that browsers follow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeServerSentEvent } from "../../src/pure/server-sent-event.ts";

test("an event is written as the specification has it", () => {
  assert.equal(
    encodeServerSentEvent({ id: "a-1", event: "status", data: "{}" }),
    "id: a-1\nevent: status\ndata: {}\n\n",
  );
  assert.equal(encodeServerSentEvent({ data: "two\r\nlines" }), "data: two\ndata: lines\n\n");
});

test("any data comes out of the specification's parser with line ends made equal, and as one event", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (data, id) => {
      const events = parseStream(encodeServerSentEvent({ id, event: "x", data }));
      assert.deepEqual(events, [{ id: id.replace(/[\r\n\0]/g, ""), event: "x", data: data.replace(/\r\n|\r/g, "\n") }]);
    }),
  );
});

/** HTML §9.2.6, "interpreting an event stream", for streams that end in an empty line. */
function parseStream(text: string): readonly object[] {
  const events: object[] = [];
  let current: { id: string; event: string; data: string[] } = { id: "", event: "", data: [] };
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, field, value = ""] = /^([^:]*): ?([\s\S]*)$/.exec(line) ?? [];
    if (line === "" && current.data.length > 0) {
      events.push({ ...current, data: current.data.join("\n") });
      current = { id: "", event: "", data: [] };
    } else if (field === "data") current.data.push(value);
    else if (field === "id") current.id = value;
    else if (field === "event") current.event = value;
  }
  return events;
}
