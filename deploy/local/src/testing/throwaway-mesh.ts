import { join } from 'node:path';
import type { Context } from '../context.ts';
import { startMesh } from '../mesh/mesh.ts';
import { findFreePort } from '../mesh/ports.ts';
import { ofKind, type ProcessSpec, upperSnake } from '../mesh/processes.ts';
import { stateIn } from '../mesh/state.ts';

/** Tests and measurements come from one address, and are not what the limits are for; the gateway's own tests try those. */
const UNLIMITED = {
  RATE_LIMIT_READ_PER_MINUTE: '100000000',
  RATE_LIMIT_WRITE_PER_MINUTE: '100000000',
  RATE_LIMIT_CREDENTIAL_PER_MINUTE: '100000000',
  RATE_LIMIT_WEBHOOK_PER_MINUTE: '100000000',
  RATE_LIMIT_REFUSED_MIB_PER_MINUTE: '100000000',
  RATE_LIMIT_PAGE_PER_MINUTE: '100000000',
  CONNECTIONS_PER_CLIENT_MAX: '100000000',
  HANDSHAKES_PER_CLIENT_PER_SECOND: '100000000',
  LARGE_BODIES_MIB_PER_SECOND: '100000000',
} as const;

/** Tests receive webhooks on this machine, where nothing else may be sent to. */
const LOCAL_WEBHOOKS = { WEBHOOK_ALLOWED_HOSTS: 'localhost' } as const;

export type ThrowawayOptions = {
  /** Whether commits would survive a crash of the machine, as they do in production. */
  readonly durable?: boolean;
  /** Whether the limits of clients are those that the gateway has by itself; tests of other things have none. */
  readonly defaultLimits?: boolean;
};

/**
 * A mesh for tests: every process real, in a folder that goes with the run (in memory, unless it is durable), on free
 * ports, so that it runs beside the developer's own. It ends with the run.
 * @returns the variables that tell a test where everything is; README.md lists them
 */
export const startThrowawayMesh = async (
  context: Context,
  { durable = false, defaultLimits = false }: ThrowawayOptions = {},
): Promise<NodeJS.ProcessEnv> => {
  const { root, toolsDir, signal, run } = context;
  const limits = defaultLimits ? {} : UNLIMITED;
  const processes = defaultLimits ? context.processes.map(withoutSettings) : context.processes;
  const env = { ...context.env, ...limits, ...LOCAL_WEBHOOKS };
  const state = stateIn(durable ? run.tempDir('mesh') : run.memoryDir('mesh'));
  const ports = new Map<string, number>();
  for (const { name } of processes) ports.set(name, await findFreePort());
  await startMesh({ root, toolsDir, state, processes, ports, env, durable, signal });
  const [gateway] = ofKind(processes, 'gateway');
  const inside = processes.filter(({ kind }) => kind !== 'gateway');
  const targets = inside.map(({ name }) => [`MALLA_${upperSnake(name)}`, `127.0.0.1:${ports.get(name)}`]);
  return {
    ...limits,
    MALLA_STATE_DIR: state.dir,
    MALLA_CLI: join(root, 'deploy/local/run.sh'),
    MALLA_URL: `https://localhost:${gateway === undefined ? 0 : ports.get(gateway.name)}`,
    MALLA_CA_FILE: state.caFile,
    MALLA_DEVELOPER_CERT_FILE: state.developerCertFile,
    MALLA_DEVELOPER_KEY_FILE: state.developerKeyFile,
    ...Object.fromEntries(targets),
  };
};

/** A gateway's settings here are a developer's wide limits. */
const withoutSettings = ({ settings, ...spec }: ProcessSpec): ProcessSpec =>
  spec.kind === 'gateway' || settings === undefined ? spec : { ...spec, settings };
