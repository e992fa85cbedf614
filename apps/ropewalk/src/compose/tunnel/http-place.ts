/** Where the loopback HTTP of an end is to be. */

import { listeningPlace } from "@ropewalk/ops/config-places";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { HttpPlace } from "../api-servers.ts";

export function httpPlace({ http: { listen } }: Pick<TunnelConfig, "http">): HttpPlace {
  const names = { key: "tunnel.http.listen", elsewhere: "ROPEWALK_TUNNEL_HTTP_LISTEN=127.0.0.1:7421" };
  if (listen === "off") return { at: undefined, ...names };
  const { address: host, port } = listeningPlace(listen);
  return { at: { host, port }, ...names };
}
