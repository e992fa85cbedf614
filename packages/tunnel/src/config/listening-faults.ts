/** Places that one file gives twice to listen at, whichever tables they are in: both ends may run on one machine. */
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { type ListeningPlace, placeClashes } from "../pure/listening-places.ts";
import type { DestinationConfig } from "./destination-table.ts";
import type { HttpConfig } from "./http-table.ts";
import type { SessionFault } from "./session-table.ts";
import type { SourceConfig } from "./source-table.ts";

interface Listeners {
  readonly http: HttpConfig;
  readonly source: SourceConfig | undefined;
  readonly destination: DestinationConfig | undefined;
}

export function listeningFaults(config: Listeners): readonly SessionFault[] {
  return placeClashes(placesOf(config)).map(({ place, earlier }) => ({
    path: place.path,
    reason: `${place.address} port ${place.port} is ${earlier.name} already (${earlier.address}): one listener has a port`,
  }));
}

function placesOf({ http, source, destination }: Listeners): readonly ListeningPlace[] {
  const ofHttp =
    http.listen === "off"
      ? []
      : [{ path: ["http", "listen"], name: "tunnel.http.listen", ...listeningPlace(http.listen) }];
  const ofDestination = (destination?.listen ?? []).map((text, index) => {
    const name = `tunnel.destination.listen[${index}]`;
    return { path: ["destination", "listen", index], name, ...listeningPlace(text) };
  });
  const ofSource = (source?.expose ?? []).flatMap(({ listen = source?.listen, port }, index) => {
    const address = parseIpAddress(listen ?? "");
    const name = `tunnel.source.expose[${index}]`;
    return address === undefined ? [] : [{ path: ["source", "expose", index, "port"], name, address, port }];
  });
  return [...ofHttp, ...ofDestination, ...ofSource];
}
