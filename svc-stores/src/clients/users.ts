import { Metadata } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import type { MeshTls } from '@malla/chassis/tls';
import type { Contract } from '@malla/proto/contract';
import { UsersServiceService } from '@malla/proto/malla/users/v1/users_service';
import type { Takeover } from '../domain/takeover.ts';

/** What this service asks of svc-users. */
export interface Users {
  /** The keys of our own tokens, a JSON Web Key Set as text. */
  fetchKeys(signal: AbortSignal): Promise<string>;
  /** Whether tokens of a session are to be honoured. */
  isSessionLive(sessionId: string): Promise<boolean>;
  /** Whether there is a user with an id. */
  userExists(userId: string): Promise<boolean>;
  /** The user that an external issuer's token belongs to. */
  resolveCaller(token: string): Promise<string>;
  /** The takeovers of accounts after a position, in order. */
  listTakeovers(after: bigint): Promise<Takeover[]>;
  close(): void;
}

export function connectUsers(contract: Contract, target: string, tls: MeshTls): Users {
  const channel = openChannel({ contract, service: 'svc-users', target, tls });
  const client = createClient(channel, UsersServiceService, contract);
  return {
    fetchKeys: async (signal) => JSON.stringify({ keys: (await client.getJwks({}, { signal })).keys }),
    isSessionLive: async (sessionId) => (await client.checkSession({ sessionId })).active,
    userExists: async (userId) => (await client.checkUser({ userId })).exists,
    resolveCaller: async (token) => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${token}`);
      return (await client.resolveCaller({}, { metadata })).userId;
    },
    listTakeovers: async (afterSequence) => {
      const { takeovers } = await client.listTakeovers({ afterSequence, pageSize: 100 });
      return takeovers.map(({ sequence, userId, takeOverTime }) => {
        if (!takeOverTime) throw new Error('a takeover has no time');
        return { sequence, userId, takeOverTime };
      });
    },
    close: () => channel.close(),
  };
}
