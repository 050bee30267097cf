import type { UnaryHandler } from '@malla/chassis/unary';
import type { GetJwksRequest, GetJwksResponse } from '@malla/proto/malla/users/v1/users_service';
import type { Keyring } from '../domain/keyring.ts';

export function getJwksHandler({ keyring }: { keyring: Keyring }): UnaryHandler<GetJwksRequest, GetJwksResponse> {
  return async () => ({ keys: keyring.published().map(({ publicJwk }) => ({ ...publicJwk })) });
}
