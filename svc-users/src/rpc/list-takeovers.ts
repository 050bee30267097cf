import type { UnaryHandler } from '@malla/chassis/unary';
import type { ListTakeoversRequest, ListTakeoversResponse } from '@malla/proto/malla/users/v1/users_service';
import type { Takeovers } from '../domain/ports.ts';

const PAGE_SIZE_DEFAULT = 100;

export function listTakeoversHandler(deps: {
  takeovers: Takeovers;
}): UnaryHandler<ListTakeoversRequest, ListTakeoversResponse> {
  return async ({ afterSequence, pageSize }) => ({
    takeovers: await deps.takeovers.list(afterSequence, pageSize || PAGE_SIZE_DEFAULT),
  });
}
