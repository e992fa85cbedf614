/**
 * `npm run proto`: makes TypeScript of every .proto file, into `generated/` beside it. What is made is committed: who builds needs no generator;
 * `tools/proto.test.ts` holds both together.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

/** Of each folder that has .proto files: where they are, and what is made of them. */
export function protoFolders(): readonly string[] {
  const files = globSync(["packages/*/src/**/*.proto", "packages/*/test/**/*.proto"]);
  return [...new Set(files.map((file) => dirname(file)))].toSorted();
}

/** Into `into`. Throws Error with what the generator said. */
export function generate(folder: string, into: string): void {
  const plugin = { local: "protoc-gen-es", out: resolve(into), opt: ["target=ts", "import_extension=ts"] };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  const PATH = [resolve("node_modules/.bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { status, stderr, error } = spawnSync("buf", ["generate", folder, "--template", template], {
    encoding: "utf8",
    env: { ...process.env, PATH },
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`nothing was made of ${folder}: ${error?.message ?? stderr}`);
}

if (import.meta.main) for (const folder of protoFolders()) generate(folder, join(folder, "generated"));
