/** Colours of the terminal, or none at all. */
import { styleText } from "node:util";

export interface Paint {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly unsure: (text: string) => string;
  /** Of what somebody else answers. */
  readonly foreign: (text: string) => string;
}

const plain = (text: string) => text;

export function createPaint(hasColour: boolean): Paint {
  if (!hasColour) return { strong: plain, dim: plain, good: plain, bad: plain, unsure: plain, foreign: plain };
  const paint = (style: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(style, text, { validateStream: false });
  return {
    strong: paint("bold"),
    dim: paint("dim"),
    good: paint("green"),
    bad: paint("red"),
    unsure: paint("yellow"),
    foreign: paint("magenta"),
  };
}

/** https://no-color.org: any NO_COLOR that is not empty means no colour. A dumb terminal has none either. */
export function isColourWanted(isTerminal: boolean, noColor: string | undefined, term: string | undefined): boolean {
  return isTerminal && (noColor === undefined || noColor === "") && term !== "dumb";
}
