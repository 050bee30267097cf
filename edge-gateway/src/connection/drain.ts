import type { App } from '../arrival/app-types.ts';

/** The steps in which the gateway stops. */
export interface Drain {
  /** Starts the drain: `/readyz` fails, and each connection over HTTP/1.1 closes after its answer. */
  start(): void;
  readonly isDraining: () => boolean;
  /** Ends the streams that a client can go on with elsewhere; those that it cannot go on with have until `endAllStreams`. */
  endResumableStreams(): void;
  endAllStreams(): void;
  /** Aborts when a stream is to end. @param resumable whether its messages carry a resume token. */
  streamsEnd(resumable: boolean): AbortSignal;
}

/** Lets the gateway stop without a failed request: HTTP/1.1 clients receive `Connection: close` and connect elsewhere. */
export function addDrain(app: App): Drain {
  let draining = false;
  const resumable = new AbortController();
  const others = new AbortController();
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (draining && request.raw.httpVersionMajor === 1) reply.header('connection', 'close');
    done();
  });
  return {
    start: () => {
      draining = true;
    },
    isDraining: () => draining,
    endResumableStreams: () => resumable.abort(),
    endAllStreams: () => others.abort(),
    streamsEnd: (canResume) => (canResume ? resumable.signal : others.signal),
  };
}
