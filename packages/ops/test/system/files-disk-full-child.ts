/** Writes files on a small file system until there is no room, and reports on its standard output what it saw. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeFilesTogether } from "@ropewalk/ops/written-files";

const folder = process.argv[2] ?? "";
const file = (name: string, size: number, fill: number) => ({
  path: join(folder, name),
  octets: new Uint8Array(size).fill(fill),
  mode: 0o600,
});

const codeOf = (act: () => void): unknown => {
  try {
    act();
    return "no error";
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : String(error);
  }
};

const report: Record<string, unknown> = {};
writeFileSync(join(folder, "ca.key"), "old");
const both = [file("ca.crt", 4_096, 1), file("ca.key", 2 * 1024 * 1024, 2)];
report["new"] = codeOf(() =>
  writeFilesTogether([file("a.crt", 4_096, 1), file("a.key", 2 * 1024 * 1024, 2)], { whenThere: "refuse" }),
);
report["replaced"] = codeOf(() => writeFilesTogether(both, { whenThere: "overwrite" }));
report["left"] = readdirSync(folder);
report["old"] = readFileSync(join(folder, "ca.key"), "utf8");
report["later"] = codeOf(() => writeFilesTogether([file("a.crt", 4_096, 1)], { whenThere: "refuse" }));
process.stdout.write(JSON.stringify(report));
