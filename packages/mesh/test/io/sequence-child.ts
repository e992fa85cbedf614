/** Uses sequences as a node does, block by block, and prints each as it is used, until it is killed. Arguments: file, block. */
import { writeSync } from "node:fs";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";

const [path = "", block = "1000"] = process.argv.slice(2);
using file = SequenceFile.open(path, Date.now());
const { epoch, sequence: first } = file.mark;
for (let sequence = first, kept = first; ; sequence += 1) {
  if (sequence >= kept) {
    kept = sequence + Number(block);
    file.keep({ epoch, sequence: kept });
  }
  writeSync(1, `${epoch} ${sequence}\n`);
}
