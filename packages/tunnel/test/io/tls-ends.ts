/** Two ends of one throw-away CA, in mode mlkem768, whose troubles are nobody's concern: their connections are spoilt on purpose. */
import type { HandshakeThread } from "@ropewalk/tunnel/io/handshake-thread";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { IdentityFolder, issue } from "../throw-away-authority.ts";
import { startThread } from "./two-threads.ts";

export interface TlsEnds extends AsyncDisposable {
  readonly threads: Readonly<Record<Role, HandshakeThread>>;
}

export async function openTlsEnds(): Promise<TlsEnds> {
  const folder = new IdentityFolder();
  const ca = issue({ name: "CA", isCa: true });
  const start = (name: string, usage: "client" | "server") => {
    const issued = issue({ ca, name, names: [`${name}.example`], usage });
    return startThread(folder.identity(name, issued, [ca]), undefined, () => {});
  };
  const threads = { source: await start("site", "client"), destination: await start("hub", "server") };
  return {
    threads,
    async [Symbol.asyncDispose]() {
      await threads.source[Symbol.asyncDispose]();
      await threads.destination[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
