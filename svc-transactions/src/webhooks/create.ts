import type { Config } from '../config.ts';
import { vaultOf } from '../crypto/secret-vault.ts';
import type { Orm } from '../data/orm.ts';
import { createDeliveries } from '../data/webhooks/deliveries.repository.ts';
import { createEndpoints } from '../data/webhooks/endpoints.repository.ts';
import { createEvents } from '../data/webhooks/events.repository.ts';
import { createFanOut } from '../data/webhooks/fan-out.ts';
import { countUnreadable } from '../data/webhooks/reencrypt.ts';
import { createSecrets } from '../data/webhooks/secrets.repository.ts';
import { createTurns } from '../data/webhooks/turns.ts';
import type { Transact } from '../domain/ports.ts';
import { toEventBody } from './event-body.ts';
import { createSender } from './sender.ts';
import { createTargets, type Resolve } from './targets.ts';

/** What a test may set in place of the real thing. */
export interface WebhookOverrides {
  /** Finds the addresses of webhook hosts. */
  readonly resolve?: Resolve;
  /** Whom to trust of those that webhooks are sent to, in PEM. */
  readonly webhookCa?: string;
}

/** Wires together what webhooks need. */
export function createWebhooks(config: Config, orm: Orm, transact: Transact, { resolve, webhookCa }: WebhookOverrides) {
  const targets = createTargets(config.WEBHOOK_ALLOWED_HOSTS, resolve);
  const secrets = createSecrets(orm);
  const vault = vaultOf(config);
  return {
    targets,
    secrets,
    vault,
    countUnreadableSecrets: () => countUnreadable(orm, vault),
    events: createEvents(orm, toEventBody),
    endpoints: createEndpoints(orm),
    deliveries: createDeliveries(orm, toEventBody),
    turns: createTurns(orm, secrets, transact),
    fanOut: createFanOut(orm, transact),
    send: createSender({ targets, timeoutMs: config.WEBHOOK_TIMEOUT_MS, ca: webhookCa }),
    webhookTimeoutMs: config.WEBHOOK_TIMEOUT_MS,
  };
}
