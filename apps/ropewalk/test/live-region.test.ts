import assert from "node:assert/strict";
import { test } from "node:test";
import type { TextOutput } from "../src/command-context.ts";
import { createLiveRegion } from "../src/render/live-region.ts";

function terminal(columns: number, rows: number) {
  const written: string[] = [];
  const output: TextOutput = {
    write: (text) => void written.push(text),
    isTerminal: true,
    hasColour: true,
    size: { columns, rows },
    onResize: () => ({ [Symbol.dispose]: () => {} }),
  };
  return { output, written };
}

test("the second drawing goes back over the first", () => {
  const { output, written } = terminal(80, 24);
  const region = createLiveRegion(output);
  region.draw(["one", "two"]);
  region.draw(["three"]);
  assert.deepEqual(written, ["one\ntwo\n", "\u001b[2A\r\u001b[Jthree\n"]);
});

test("a released region stays where it is", () => {
  const { output, written } = terminal(80, 24);
  const region = createLiveRegion(output);
  region.draw(["one"]);
  region.release();
  region.draw(["two"]);
  assert.deepEqual(written, ["one\n", "two\n"]);
});

test("what is taller than the terminal is not gone back over, since its top has scrolled away", () => {
  const { output, written } = terminal(80, 2);
  const region = createLiveRegion(output);
  region.draw(["1", "2", "3"]);
  region.draw(["4"]);
  assert.deepEqual(written, ["1\n2\n3\n", "4\n"]);
});

test("a line that would wrap is cut, and then has no colour that could stay on", () => {
  const { output, written } = terminal(4, 24);
  createLiveRegion(output).draw(["\u001b[31mabcd\u001b[39m", "\u001b[31mabcde\u001b[39m"]);
  assert.deepEqual(written, ["\u001b[31mabcd\u001b[39m\nabc…\n"]);
});
