import assert from "node:assert/strict";
import { test } from "node:test";
import { type EnvelopeForm, envelopeLengths } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { type Plaintext, plaintextHead } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { messageOverhead, mostContent, paddingFor, sizeClasses } from "@ropewalk/mesh/pure/messages/wire/size-class";
import { frameHead } from "@ropewalk/mesh/pure/wire/frame-stream";
import { frameLengths, longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";

const forms: readonly EnvelopeForm[] = ["opening", "chain"];
const kinds: readonly Plaintext["kind"][] = ["whole", "chunk"];
/** On the wire, with the two octets of length. */
const sizeOf = (form: EnvelopeForm, length: number) => messageOverhead + envelopeLengths.sealing[form] + length;

test("every content that an envelope has room for comes to a size class, by none or at least two octets", () => {
  for (const form of forms)
    for (const kind of kinds)
      for (let content = 0; content <= mostContent(form, kind); content += 1) {
        const length = plaintextHead[kind] + content;
        const padding = paddingFor(form, length);
        assert.ok(padding >= 0 && padding !== 1);
        assert.ok(sizeClasses.includes(sizeOf(form, length + padding)), `${form} ${kind} ${content}`);
      }
});

test("an envelope is padded to the least class that it fits", () => {
  const total = (content: number) => sizeOf("chain", 15 + content + paddingFor("chain", 15 + content));
  const classes = [0, 10, 12, 13, 14, 15, 78, 4_040].map(total);
  // Of 13 octets one is missing to 64, with which nothing can be padded.
  assert.deepEqual(classes, [64, 64, 64, 128, 64, 128, 128, 4_092]);
});

test("the longest envelope fits a frame also as a deposit", () => {
  const envelope = sizeClasses.at(-1) ?? 0;
  const deposit = envelope - frameLengths.message + frameLengths.deposit;
  assert.equal(deposit - frameHead <= longestFrame, true);
  assert.equal(mostContent("chain", "whole"), 4_040);
  assert.equal(mostContent("opening", "chunk"), 3_972);
});
