import { createPlaces, longCallLimits } from '@malla/chassis/admission';
import type { App } from '../arrival/app-types.ts';
import type { Config } from '../config.ts';
import { onExchangeEnd } from '../connection/client-gone.ts';

type Numbers = Pick<Config, 'STREAMS_MAX' | 'STREAMS_PER_ADDRESS_MAX' | 'STREAMS_PER_USER_MAX'>;

const OWN = { reason: 'STREAMS_TOO_MANY', message: 'You have too many streams open. Close one first.' };

/**
 * Bounds the streams that are open: watches, imports, exports and downloads, of one client and in all. A stream gives its place
 * back when its answer is complete or its connection is gone. Runs once the user is known and before the body is read. Each
 * replica counts alone.
 */
export function addStreamLimit(app: App, numbers: Numbers): void {
  const { STREAMS_MAX, STREAMS_PER_ADDRESS_MAX, STREAMS_PER_USER_MAX } = numbers;
  const places = createPlaces(longCallLimits(STREAMS_MAX, STREAMS_PER_ADDRESS_MAX, STREAMS_PER_USER_MAX), OWN);
  app.addHook('onRequest', async (request, reply) => {
    const rpc = request.routeOptions.config.transcoder?.binding.rpc;
    if (!rpc || rpc.method.methodKind === 'unary') return;
    const { token } = request;
    const place = places.enter(token ? 'user' : 'public', request.clientAddress);
    onExchangeEnd(reply, place.leave);
    if (token) place.claim(`${token.issuer.issuer} ${token.claims.sub}`);
  });
}
