/**
 * A part of the terminal that is drawn again in place. Lines are cut to the width, so that each is one row and the cursor
 * can be moved back over them; what is taller than the terminal is printed once more below instead.
 */
import { stripVTControlCharacters } from "node:util";
import type { TextOutput } from "../command-context.ts";
import { fitted } from "./table.ts";

export interface LiveRegion {
  /** Replaces what was drawn before. */
  draw(lines: readonly string[]): void;
  /** Leaves what is drawn where it is: the next draw begins below it. */
  release(): void;
}

export function createLiveRegion(output: TextOutput): LiveRegion {
  let drawn = 0;
  return {
    draw(lines) {
      const { columns, rows } = output.size ?? { columns: 80, rows: 24 };
      const back = drawn > 0 && drawn < rows ? `\u001b[${drawn}A\r\u001b[J` : "";
      output.write(`${back}${lines.map((line) => `${cut(line, columns)}\n`).join("")}`);
      drawn = lines.length;
    },
    release() {
      drawn = 0;
    },
  };
}

/** A line that fits keeps its colours; one that does not loses them, since cutting could part a colour from its end. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return [...plain].length <= columns ? line : fitted(plain, columns);
}
