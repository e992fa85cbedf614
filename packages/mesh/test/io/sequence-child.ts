/**
 * Uses sequences as a node does, block by block, and prints each as it is used, until it is killed, or kills itself having used so
 * many: most of its time it waits for the disk, where a kill from outside therefore falls. Arguments: file, block, how many.
 */
import { writeSync } from "node:fs";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";

const [path = "", block = "1000", most = "Infinity"] = process.argv.slice(2);
// A clock that stands still: it is the file that must help.
using file = SequenceFile.open(path, 0);
const { epoch, sequence: first } = file.mark;
for (let sequence = first, kept = first; ; sequence += 1) {
  if (sequence >= kept) {
    kept = sequence + Number(block);
    file.keep({ epoch, sequence: kept });
  }
  writeSync(1, `${epoch} ${sequence}\n`);
  if (sequence - first + 1 >= Number(most)) process.kill(process.pid, "SIGKILL");
}
