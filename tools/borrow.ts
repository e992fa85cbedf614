/** Unpacks one of the programs that we race against, for who needs it for something else: `node tools/borrow.ts openssh`. */
import { borrowRaced, isRaced } from "./system-packages.ts";

const [name = ""] = process.argv.slice(2);
const found = isRaced(name) ? borrowRaced(name) : { lacking: `nothing is called "${name}"` };
if ("lacking" in found) {
  process.stderr.write(`${found.lacking}\n`);
  process.exitCode = 1;
}
