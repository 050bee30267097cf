import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { findFolders } from '../folders.ts';
import { findMysql } from '../mysql/find.ts';
import { conformanceRunner } from '../testing/conformance-runner.ts';
import { findSchemathesis } from '../testing/schemathesis.ts';
import { startThrowawayMesh } from '../testing/throwaway-mesh.ts';
import { startThrowawayMysql } from '../testing/throwaway-mysql.ts';

/** Runs the tests of the whole mesh against one of their own. */
export const e2e = (context: Context): Promise<void> => inMesh(context, 'deploy/e2e', ['test', '--silent']);

/** Runs the crash test of the whole mesh with as many purchases as it takes minutes for. */
export const soak = (context: Context): Promise<void> => inMesh(context, 'deploy/e2e', ['run', '--silent', 'soak']);

/** What each process of the attacked mesh may have on its heap: what grows without a bound dies of it. */
const SMALL_HEAP = '--max-old-space-size=512';

/** Attacks a mesh of default limits and small heaps from one address, while somebody at another buys. */
export const attack = async (context: Context): Promise<void> => {
  const { NODE_OPTIONS } = process.env;
  process.env.NODE_OPTIONS = SMALL_HEAP;
  const mesh = await startThrowawayMesh(context, { defaultLimits: true });
  await npm(context, 'deploy/e2e', ['run', '--silent', 'attack'], { ...mesh, NODE_OPTIONS });
};

/** Measures a mesh of its own, whose commits last as those of production do: all of it, or the part that is named. */
export const bench = (context: Context): Promise<void> =>
  inMesh(context, 'deploy/bench', ['run', '--silent', context.args[0] ?? 'bench'], true);

/** Runs Google's conformance suite against the gateway's translation. */
export const conformance = async (context: Context): Promise<void> => {
  await findMysql(context);
  await npm(context, 'edge-gateway', ['run', '--silent', 'conformance'], conformanceRunner(context));
};

/** Has schemathesis ask the gateway what its OpenAPI document allows and what it forbids, where there is Python. */
export const schemathesis = async (context: Context): Promise<void> => {
  const program = await findSchemathesis(context);
  if (program === undefined) return;
  const mesh = await startThrowawayMesh(context);
  await npm(context, 'deploy/e2e', ['run', '--silent', 'schemathesis'], { ...mesh, SCHEMATHESIS: program });
};

/** Runs what takes a night: tests that generate their cases with many of them, schemathesis, and the attacks. */
export const nightly = (context: Context): Promise<void> =>
  inTurn([generated, schemathesis, attack].map((part) => () => part(context)));

/** Does all of them, also when one has failed; the exit code says whether all were good. */
const inTurn = async (parts: readonly (() => Promise<void>)[]): Promise<void> => {
  let worst: NodeJS.Process['exitCode'] = 0;
  for (const part of parts) {
    process.exitCode = 0;
    await part();
    worst = worst || process.exitCode;
  }
  process.exitCode = worst;
};

const generated = async (context: Context): Promise<void> => {
  const database = { TEST_DATABASE_URL: await startThrowawayMysql(context) };
  const folders = findFolders(context.root).filter(({ manifest }) => manifest.scripts?.['test:nightly'] !== undefined);
  await inTurn(
    folders.map(
      ({ path }) =>
        () =>
          npm(context, path, ['run', '--silent', 'test:nightly'], database),
    ),
  );
};

const inMesh = async (context: Context, path: string, npmArgs: readonly string[], durable = false): Promise<void> => {
  if (!existsSync(join(context.root, path))) throw new Error(`there is no ${path} yet`);
  await npm(context, path, npmArgs, await startThrowawayMesh(context, { durable }));
};

const npm = async ({ root, env, signal }: Context, path: string, args: readonly string[], more: NodeJS.ProcessEnv) => {
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const child = spawn('npm', args, { cwd: join(root, path), env: { ...env, ...more }, stdio: [...stdio] });
  signal.addEventListener('abort', () => child.kill(), { once: true });
  process.exitCode = await exitCodeOf(child);
  signal.throwIfAborted();
};

const exitCodeOf = async (child: ChildProcess): Promise<number> => {
  const [code] = await once(child, 'exit');
  return code ?? 1;
};
