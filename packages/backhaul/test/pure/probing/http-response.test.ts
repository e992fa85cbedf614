/** HTTP responses, read as they come: however they are cut into pieces they say the same, and none is without end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type HttpReading, HttpResponseReader } from "@ropewalk/backhaul/pure/probing/http-response";
import fc from "fast-check";
import { responses } from "./http-responses.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is known after all of `text` came, in pieces of `size` octets. */
function read(text: string, size = 65_536): HttpReading {
  const reader = new HttpResponseReader();
  const octets = encoder.encode(text);
  let reading: HttpReading = { kind: "incomplete", head: undefined };
  for (let at = 0; at < octets.length; at += size) reading = reader.receive(octets.subarray(at, at + size));
  return reading;
}

function told(reading: HttpReading): string {
  const head = reading.head === undefined ? "no head" : `${reading.head.status} ${reading.head.location ?? ""}`.trim();
  const rest = reading.kind === "complete" ? decoder.decode(reading.body) : "detail" in reading ? reading.detail : "";
  return `${reading.kind}: ${head}: ${rest}`;
}

for (const { what, text, says } of responses) {
  test(what, () => {
    assert.equal(told(read(text)), says);
    // A 204 is over with its head: what comes with it counts, what comes later is not waited for.
    if (!what.includes("unannounced")) assert.equal(told(read(text, 1)), says);
  });
}

test("a body until the end of the connection is whole when that ends", () => {
  const reader = new HttpResponseReader();
  assert.equal(reader.receive(encoder.encode("HTTP/1.0 200 OK\r\n\r\nhello")).kind, "incomplete");
  assert.equal(told(reader.end()), "complete: 200: hello");
});

test("a connection that ends within the response leaves none", () => {
  for (const text of ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"]) {
    const reader = new HttpResponseReader();
    reader.receive(encoder.encode(text));
    assert.match(told(reader.end()), /malformed: .*the connection ended within the response/);
  }
});

test("no more than 16 KiB are held, of headers, body or chunks without end", () => {
  const more = {
    "HTTP/1.1 200 OK\r\n": "X-More: yes\r\n",
    "HTTP/1.1 200 OK\r\n\r\n": "more",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n": "4\r\nmore\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n": "trailer: yes\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n": "more",
  };
  for (const [first, again] of Object.entries(more)) {
    const reader = new HttpResponseReader();
    let reading = reader.receive(encoder.encode(first));
    for (let octets = 0; octets < 20_000 && reading.kind === "incomplete"; octets += again.length) {
      reading = reader.receive(encoder.encode(again));
    }
    assert.match(told(reading), /malformed: .*more than 16384 octets/, first);
  }
});

test("a response says the same in whatever pieces it comes", () => {
  const whole = fc.constantFrom(...responses.filter(({ what }) => !what.includes("unannounced")));
  fc.assert(
    fc.property(whole, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), ({ text, says }, sizes) => {
      const reader = new HttpResponseReader();
      const octets = encoder.encode(text);
      let reading: HttpReading = { kind: "incomplete", head: undefined };
      for (let at = 0, turn = 0; at < octets.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        reading = reader.receive(octets.subarray(at, at + size));
        at += size;
      }
      assert.equal(told(reading), says);
    }),
  );
});
