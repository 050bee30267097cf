import type { Handlers } from '@malla/chassis/implementation';
import { implement } from '@malla/chassis/implementation';
import { createLogger } from '@malla/chassis/logger';
import { createGrpcServer, type GrpcServer } from '@malla/chassis/server';
import { mesh } from '@malla/chassis/testing/certificates';
import { createTokenVerifier, ownIssuer } from '@malla/chassis/token-verifier';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { typeid } from 'typeid-js';

export const ISSUER = 'https://users.test';
export const AUDIENCE = 'https://api.test';
const KID = 'test';

/** A neighbour that says what svc-users would: its keys, and that every session is alive but those that were ended. */
export interface FakeUsers {
  readonly target: string;
  /** An access token of a user, by default a new one. */
  token(userId?: string, scope?: string): Promise<string>;
  /** What ListTakeovers lists: a test adds to it, the position being the index and one. */
  readonly takeovers: { userId: string; takeOverTime: Date }[];
  /** Ends the session of an access token. */
  endSession(token: string): void;
  stop(): Promise<void>;
}

/** A new user's id. */
export function newUserId(): string {
  return typeid('usr').toString();
}

export async function startFakeUsers(): Promise<FakeUsers> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
  const ended = new Set<unknown>();
  const takeovers: FakeUsers['takeovers'] = [];
  const absent = async () => {
    throw new Error('the tests do not ask for this');
  };
  const handlers = {
    ...Object.fromEntries(Object.keys(UsersServiceService).map((name) => [name, absent])),
    getJwks: async () => ({ keys: [{ kid: KID, use: 'sig', alg: 'ES256', kty, crv, x, y }] }),
    listTakeovers: async ({ afterSequence }: { afterSequence: bigint }) => ({
      takeovers: takeovers
        .map((takeover, index) => ({ ...takeover, sequence: BigInt(index + 1) }))
        .slice(Number(afterSequence)),
    }),
    checkUser: async () => ({ exists: true, displayName: 'Ada Lovelace', email: 'ada@example.com' }),
    checkSession: async ({ sessionId }: { sessionId: string }) => ({ active: !ended.has(sessionId) }),
  } as unknown as Handlers<typeof UsersServiceService>;
  const server = createGrpcServer({
    contract: mallaContract(),
    implementations: [implement(UsersServiceService, handlers)],
    tls: await (await mesh).issue('svc-users'),
    log: createLogger('fake-users', 'silent'),
    // Calls within a call bring its user's token along.
    identification: {
      verifyToken: createTokenVerifier([ownIssuer(ISSUER, AUDIENCE, async () => publicKey)]),
      ...{ resolveUser: absent, isSessionLive: absent },
    },
  });
  return {
    ...(await listen(server)),
    takeovers,
    endSession: (token) => void ended.add(decodeJwt(token).sid),
    token: (userId = newUserId(), scope = '') => sign(privateKey, userId, scope),
  };
}

async function listen(server: GrpcServer) {
  const port = await server.start('127.0.0.1', 0);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop(1_000);
    return stopped;
  };
  return { target: `dns:///127.0.0.1:${port}`, stop };
}

function sign(key: CryptoKey, userId: string, scope: string): Promise<string> {
  return new SignJWT({ client_id: 'malla', sid: typeid('ses').toString(), scope })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KID })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(key);
}
