/** One session at its source: what carries it, how it is resumed, and what its streams have besides. */
import { sha384 } from "@ropewalk/crypto/sha384";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { Carrier } from "./carrier.ts";
import type { TunnelConfig } from "./config.ts";
import type { ExpressSeeker } from "./express-seeker.ts";
import type { ReadSlab } from "./io/read-slab.ts";
import { sessionConfigOf } from "./limits.ts";
import { type PeerIdentity, peerIdentity } from "./pure/peer-identity.ts";
import { CopyCounts } from "./pure/session/copy-counts.ts";
import { SessionEpochs } from "./pure/session/epochs.ts";
import { Session } from "./pure/session/session.ts";
import type { StreamId } from "./pure/wire/frame.ts";
import { peerStatus, requestText } from "./session-picture.ts";
import type { Candidate } from "./source-attempt.ts";
import type { PeerStatus } from "./status.ts";
import type { Tally } from "./tally.ts";
import type { TunnelEvent } from "./tunnel-event.ts";

export interface SourceSession {
  /** Hexadecimal. */
  readonly id: string;
  readonly carrier: Carrier;
  readonly epochs: SessionEpochs;
  readonly identity: PeerIdentity;
  peer: PeerStatus;
  /** Where its last lane goes. */
  remote: string;
  readonly since: number;
  resumptions: number;
  /** Disposing it says that the session has ended by itself. */
  standing: Disposable;
  /** What gets its express lane, while another carries it. */
  expressSeeker: ExpressSeeker | undefined;
  /** What ends it when no lane comes. */
  hold: Timer | undefined;
  /** Places of exposed ports that streams have. */
  readonly places: Map<StreamId, Disposable>;
}

export interface SourceSessionDeps {
  readonly clock: Clock;
  readonly slab: ReadSlab;
  readonly tally: Tally;
  readonly config: TunnelConfig;
  readonly onEvent: (event: TunnelEvent) => void;
  /** The destination takes no more streams. */
  readonly onStopping: (session: SourceSession) => void;
  /** The destination has ended it. */
  readonly onLeft: (session: SourceSession) => void;
  /** The destination does what it may not. */
  readonly onBroken: (session: SourceSession, why: string) => void;
}

/** Nothing carries it yet. */
export function newSourceSession({ lane, epoch, established }: Candidate, deps: SourceSessionDeps): SourceSession {
  const { clock, slab, tally, config, onEvent } = deps;
  const id = epoch.id.toHex();
  const places = new Map<StreamId, Disposable>();
  const carrier: Carrier = new Carrier(
    new Session("source", sessionConfigOf(config), (octets) => slab.release(octets), new CopyCounts(tally.copies)),
    {
      // Destinations open no streams yet.
      onAsked: (stream) => carrier.reset(stream, "not-allowed"),
      onRefused: (_stream, { request }, { by, reason }) =>
        onEvent({ kind: "stream-refused", session: id, request: requestText(request), by, reason, detail: "" }),
      onOver: (stream) => {
        places.get(stream)?.[Symbol.dispose]();
        places.delete(stream);
      },
      onGoingAway: (reason) => {
        if (reason === "over") deps.onLeft(session);
        else deps.onStopping(session);
      },
      onBroken: (why) => deps.onBroken(session, why),
      onExpress: (change) => onEvent({ ...change, session: id, remote: session.remote }),
    },
    { clock, tally, slab },
  );
  const identity = peerIdentity(established.chain);
  const session: SourceSession = {
    ...{ id, carrier, identity, places, peer: peerStatus(identity, established.until) },
    epochs: new SessionEpochs(sha384, "source", epoch),
    remote: lane.status().remote,
    since: clock.wall(),
    resumptions: 0,
    standing: { [Symbol.dispose]: () => {} },
    ...{ hold: undefined, expressSeeker: undefined },
  };
  return session;
}
