import { bearer } from '@malla/chassis/identity';
import type { VerifyToken } from '@malla/chassis/token-verifier';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import type { App, Request } from '../arrival/app-types.ts';

/**
 * Verifies the access token of every request for an RPC that is for users. A refusal waits until the rate limit has counted
 * the request, so that guessing tokens costs as much as anything else.
 */
export function addAuthentication(app: App, verifyToken: VerifyToken): void {
  app.decorateRequest('token', undefined);
  app.decorateRequest('tokenRefusal', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.transcoder?.binding.rpc.policy.access !== Access.USER) return done();
    identify(request, verifyToken).then(() => done(), done);
  });
}

async function identify(request: Request, verifyToken: VerifyToken): Promise<void> {
  try {
    request.token = await verifyToken(bearer(request.headers.authorization));
  } catch (error) {
    request.tokenRefusal = error as Error;
  }
}

/** Refuses the requests whose token was missing or refused. @throws DomainError of the verifier. */
export function addAdmission(app: App): void {
  app.addHook('onRequest', (request, _reply, done) => done(request.tokenRefusal));
}
