import type { App } from './app-types.ts';

/** Whether the gateway is stopping. */
export interface Drain {
  /** From now on no connection is kept open after its answer. */
  start(): void;
  readonly isDraining: () => boolean;
}

/** Makes the gateway able to stop without failing a request: HTTP/1.1 clients are told to connect elsewhere. */
export function addDrain(app: App): Drain {
  let draining = false;
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (draining && request.raw.httpVersionMajor === 1) reply.header('connection', 'close');
    done();
  });
  return {
    start: () => {
      draining = true;
    },
    isDraining: () => draining,
  };
}
