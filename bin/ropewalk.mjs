#!/usr/bin/env node
/** The launcher: what `npm start`, `npx ropewalk` and an installed `ropewalk` run. It only picks the Node and the program. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { become, bootstrap, fail, findNode, isClone, keepCompiled, nodeFlags, programFlags } from "./runtime.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
bootstrap(root);
const node = findNode(root);
if (node === undefined) {
  fail(
    `Ropewalk runs on Node 26.10 or a later 26; this is ${process.version} and none came with the package for ${process.platform}-${process.arch}.\n` +
      "Install Node 26, or reinstall Ropewalk without --omit=optional.",
  );
}
const program = join(root, isClone(root) ? "apps/ropewalk/src/main.ts" : "dist/main.js");
if (!existsSync(program)) fail(`${program} is missing: the installation is incomplete, install Ropewalk again.`);
keepCompiled(root);
// Nothing is said on the channel: as a child the program sees by its end that its launcher is gone, however that came to be.
const stdio = ["inherit", "inherit", "inherit", "ipc"];
become(node, [...nodeFlags(root), ...programFlags(process.argv[2]), program, ...process.argv.slice(2)], stdio);
