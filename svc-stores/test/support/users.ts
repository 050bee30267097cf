import type { CallContext } from '@malla/chassis/context';
import { DomainError } from '@malla/chassis/errors';
import type { Handlers } from '@malla/chassis/implementation';
import { implement } from '@malla/chassis/implementation';
import { createLogger } from '@malla/chassis/logger';
import { createGrpcServer, type GrpcServer } from '@malla/chassis/server';
import { mesh } from '@malla/chassis/testing/certificates';
import { externalIssuer, type VerifiedToken } from '@malla/chassis/token-verifier';
import { mallaContract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { typeid } from 'typeid-js';

export const ISSUER = 'https://users.test';
export const AUDIENCE = 'https://api.test';
const KID = 'test';

/**
 * A neighbour that says what svc-users would: its keys, that every session is alive but those that were ended, that there is
 * every user but those that a test says there are not, and who the subjects of other issuers are.
 */
export interface FakeUsers {
  readonly target: string;
  /** An access token of a new user. */
  token(userId?: string): Promise<string>;
  /** An access token of a user, and the session it came from. */
  session(userId: string): Promise<{ sessionId: string; token: string }>;
  /** What ListTakeovers lists: a test adds to it, the position being the index and one. */
  readonly takeovers: { userId: string; takeOverTime: Date }[];
  endSession(sessionId: string): void;
  /** A user's id that nobody has. */
  nobody(): string;
  /** The user behind an external issuer's subject; undefined as long as none of its tokens was seen. */
  userOf(subject: string): string | undefined;
  stop(): Promise<void>;
}

/** A new user's id. */
export function newUserId(): string {
  return typeid('usr').toString();
}

export async function startFakeUsers(): Promise<FakeUsers> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
  const ended = new Set<string>();
  const takeovers: FakeUsers['takeovers'] = [];
  const nobodies = new Set<string>();
  const users = new Map<string, string>();
  const resolve = (subject: string) => {
    if (subject.endsWith('@clients')) throw new DomainError('forbidden', 'SUBJECT_NOT_A_USER', 'A machine.');
    const userId = users.get(subject) ?? newUserId();
    users.set(subject, userId);
    return userId;
  };
  const absent = async () => {
    throw new Error('the tests do not ask for this');
  };
  const handlers = {
    ...Object.fromEntries(Object.keys(UsersServiceService).map((name) => [name, absent])),
    getJwks: async () => ({ keys: [{ kid: KID, use: 'sig', alg: 'ES256', kty, crv, x, y }] }),
    resolveCaller: async (_request: unknown, context: CallContext) => ({ userId: context.user?.userId ?? '' }),
    listTakeovers: async ({ afterSequence }: { afterSequence: bigint }) => ({
      takeovers: takeovers
        .map((takeover, index) => ({ ...takeover, sequence: BigInt(index + 1) }))
        .slice(Number(afterSequence)),
    }),
    checkUser: async ({ userId }: { userId: string }) => ({ exists: !nobodies.has(userId) }),
    checkSession: async ({ sessionId }: { sessionId: string }) => ({ active: !ended.has(sessionId) }),
  } as unknown as Handlers<typeof UsersServiceService>;
  const server = createGrpcServer({
    contract: mallaContract(),
    implementations: [implement(UsersServiceService, handlers)],
    tls: await (await mesh).issue('svc-users'),
    log: createLogger('fake-users', 'silent'),
    identification: {
      verifyToken: unverified,
      resolveUser: async ({ claims }) => resolve(claims.sub),
      isSessionLive: absent,
    },
  });
  const session = async (userId: string) => {
    const sessionId = typeid('ses').toString();
    return { sessionId, token: await sign(privateKey, userId, sessionId) };
  };
  return {
    ...(await listen(server)),
    takeovers,
    session,
    token: async (userId = newUserId()) => (await session(userId)).token,
    endSession: (id) => void ended.add(id),
    nobody: () => {
      const id = newUserId();
      nobodies.add(id);
      return id;
    },
    userOf: (subject) => users.get(subject),
  };
}

/** Whoever asks has verified it before. */
async function unverified(token: string): Promise<VerifiedToken> {
  const claims = decodeJwt<{ sub: string; exp: number }>(token);
  return { token, claims, issuer: externalIssuer({ issuer: claims.iss ?? '', audience: AUDIENCE }) };
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

function sign(key: CryptoKey, userId: string, sid: string): Promise<string> {
  return new SignJWT({ client_id: 'malla', sid })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KID })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(userId)
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(key);
}
