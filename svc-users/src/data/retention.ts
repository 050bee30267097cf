import type { RetentionPlan } from '@malla/chassis/retention';
import { KNOWN_ORIGIN_KEPT_MS } from '../domain/known-origins.ts';
import { USED_TOKEN_KEPT_MS } from '../domain/refresh-token.ts';

const DAY_MS = 24 * 3_600_000;
/** How long an expired session is kept: 7 days. */
const SESSION_KEPT_MS = 7 * DAY_MS;

/** How long the rows of each table stay. The README says the same. */
export const RETENTION: RetentionPlan = {
  users: {
    kept: 'as long as there is the account',
    personal: 'the address, the name and the profile: as long as the account',
  },
  external_identities: {
    kept: 'as long as there is the account',
    personal: 'the subject at the issuer: as long as the account',
  },
  user_permissions: {
    kept: 'until an operator takes the permission away, or the owner of the address takes the account over',
    personal: 'nothing but whose they are',
  },
  sessions: {
    kept: '7 days after they expire, which is 180 days after they began at the latest',
    personal: 'the address and the user agent: as long as the session',
    sweeps: [
      {
        ...{ since: 'expire_time', keptMs: SESSION_KEPT_MS },
        parent: { key: 'session_id', children: [{ table: 'refresh_tokens', column: 'session_id' }] },
      },
    ],
  },
  refresh_tokens: {
    kept: '30 days after their use, and no longer than their session',
    personal: 'nothing: hashes',
    sweeps: [{ since: 'use_time', keptMs: USED_TOKEN_KEPT_MS }],
  },
  signing_keys: {
    kept: 'until a day after the next key took over',
    personal: 'nothing',
  },
  login_attempts: {
    kept: 'until their window of 15 minutes ends',
    personal: 'nothing: hashes',
    sweeps: [{ since: 'window_end_time', keptMs: 0 }],
  },
  known_origins: {
    kept: '90 days after their last use',
    personal: 'nothing: hashes',
    sweeps: [{ since: 'last_use_time', keptMs: KNOWN_ORIGIN_KEPT_MS }],
  },
  takeovers: { kept: 'for ever: a service may follow from the first on', personal: 'nothing but whose account it was' },
  takeover_head: { kept: 'for ever: one row', personal: 'nothing' },
  migration_steps: { kept: 'for ever: a row for each statement of a migration', personal: 'nothing' },
  migrations: { kept: 'for ever: a row for each version of the schema', personal: 'nothing' },
};
