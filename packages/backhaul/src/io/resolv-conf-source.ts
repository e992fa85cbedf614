/** What the machine's resolv.conf says, read through whatever symbolic link it is. */
import { join } from "node:path";
import { kibibytes } from "@ropewalk/kernel/units";
import { isOurResolvConf } from "../pure/resolv-conf-text.ts";
import type { ResolvConfFacts } from "../pure/resolver-facts.ts";
import { readBoundedFile } from "./bounded-file.ts";
import { parseResolvConf } from "./resolv-conf.ts";
import type { LinkName } from "./server-address.ts";

const largestFile = kibibytes(64);

/** `etc` is the folder that stands for /etc. */
export function readResolvConf(etc: string, link: LinkName): ResolvConfFacts {
  const file = join(etc, "resolv.conf");
  const content = readBoundedFile(file, largestFile);
  switch (content.kind) {
    case "absent":
      return { kind: "absent" };
    case "unreadable":
      return { kind: "unreadable", file, reason: content.reason };
    case "content": {
      const text = new TextDecoder().decode(content.bytes);
      return isOurResolvConf(text) ? { kind: "ours", file } : { kind: "present", file, ...parseResolvConf(text, link) };
    }
  }
}
