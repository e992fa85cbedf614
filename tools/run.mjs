/** Runs a development script on Ropewalk's own Node: `node tools/run.mjs FILE.ts ARGUMENTS…`. Installs what is missing first. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { become, bootstrap, fail, findNode, nodeFlags } from "../bin/runtime.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("usage: node tools/run.mjs FILE.ts ARGUMENTS…");
bootstrap(root);
const node = findNode(root);
if (node === undefined)
  fail(`No Node 26 for ${process.platform}-${process.arch} could be installed; install Node 26.10 or a later 26.`);
process.chdir(root);
become(node, [...nodeFlags(root), resolve(root, script), ...args]);
