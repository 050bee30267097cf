import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt';
import { Access, type Policy, policy } from '../gen/es/malla/options/v1/policy_pb.js';

const MAX_DEADLINE_MS = 600_000;

/** The length of a policy's deadline in milliseconds; 0 when it has none. */
export function deadlineMsOf(rules: Policy): number {
  return rules.deadline ? Number(rules.deadline.seconds) * 1000 + rules.deadline.nanos / 1e6 : 0;
}

/** The RPCs whose answers may be cached, by full name: `malla.users.v1.UsersService/GetJwks`. */
export function cachedRpcs(methods: readonly DescMethod[]): ReadonlySet<string> {
  const cached = methods.filter((method) => getOption(method, policy).cacheLifetime !== undefined);
  return new Set(cached.map((method) => `${method.parent.typeName}/${method.name}`));
}

/**
 * Everything that is wrong with the policy of an RPC, one sentence each; empty when it may be served.
 * @param cached the RPCs of the contract whose answers may be cached, by full name.
 */
export function policyFaults(method: DescMethod, cached: ReadonlySet<string>): string[] {
  if (!hasOption(method, policy)) return ['has no malla.options.v1.policy'];
  const rules = getOption(method, policy);
  const deadlineMs = deadlineMsOf(rules);
  const readOnly = method.idempotency === Idempotency.NO_SIDE_EFFECTS;
  const changesForUsers = rules.access === Access.USER && !readOnly;
  const exempt = rules.liveSessionExemption.trim() !== '';
  const uncached = rules.invalidates.filter((name) => !cached.has(name));
  const faults: [boolean, string][] = [
    [rules.access === Access.UNSPECIFIED, 'chooses no access'],
    [Access[rules.access] === undefined, 'names an access that does not exist'],
    [deadlineMs < 1 || deadlineMs > MAX_DEADLINE_MS, 'needs a deadline from 1 ms to 10 minutes'],
    [rules.access === Access.SERVICE && rules.callers.length === 0, 'is for services but names no callers'],
    [rules.access !== Access.SERVICE && rules.callers.length > 0, 'names callers but is not for services'],
    [rules.access !== Access.USER && rules.permissions.length > 0, 'demands permissions but is not for users'],
    [rules.access !== Access.USER && rules.liveSession, 'demands a live session but is not for users'],
    [
      changesForUsers && !rules.liveSession && !exempt,
      'has side effects for users, and neither demands a live session nor gives a live_session_exemption',
    ],
    [exempt && (rules.liveSession || !changesForUsers), 'gives a live_session_exemption that nothing asks for'],
    [rules.cacheLifetime !== undefined && !readOnly, 'is cached but has side effects'],
    [rules.invalidates.length > 0 && readOnly, 'invalidates answers but has no side effects'],
    [uncached.length > 0, `invalidates ${uncached.join(', ')}, which no answer is kept of`],
  ];
  return faults.filter(([wrong]) => wrong).map(([, sentence]) => sentence);
}
